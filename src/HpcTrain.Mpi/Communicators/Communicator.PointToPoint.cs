using System.Runtime.CompilerServices;

namespace HpcTrain.Mpi;

/// <content>Point-to-point calls. Counts are elements, not bytes, and may exceed 2^31.</content>
public abstract unsafe partial class Communicator
{
    /// <summary>Sends; returns when the memory may be changed (which may be before it is received).</summary>
    /// <param name="data">First element.</param>
    /// <param name="count">Elements.</param>
    /// <param name="type">Element type.</param>
    /// <param name="destination">Receiving rank, or <see cref="ProcessNull"/>.</param>
    /// <param name="tag">0 to <see cref="MaxTag"/>.</param>
    public void Send(void* data, long count, MpiDatatype type, int destination, int tag)
    {
        if (YieldingWait.Needed)
        {
            YieldingWait.Wait(ImmediateSend(data, count, type, destination, tag));
            return;
        }

        var handle = Live;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Send(data, message.Count, message.Type, destination, tag, handle), "MPI_Send");
    }

    /// <summary>Receives into memory of the caller's; returns when the message is there.</summary>
    /// <param name="data">First element.</param>
    /// <param name="count">Room in elements; a longer message is an error, a shorter one is not.</param>
    /// <param name="type">Element type.</param>
    /// <param name="source">Sending rank, <see cref="AnySource"/> or <see cref="ProcessNull"/>.</param>
    /// <param name="tag">Tag or <see cref="AnyTag"/>.</param>
    /// <returns>The sender, the tag and the length.</returns>
    public Status Receive(void* data, long count, MpiDatatype type, int source, int tag)
    {
        var handle = Live;

        // MPICH's nonblocking receive from nobody leaves the status empty; the blocking one fills it, and does not wait.
        if (YieldingWait.Needed && source != ProcessNull)
            return YieldingWait.Wait(ImmediateReceive(data, count, type, source, tag));
        Status status = default;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Recv(data, message.Count, message.Type, source, tag, handle, &status), "MPI_Recv");
        return status;
    }

    /// <summary>Sends to one rank and receives from another at the same time, without deadlock.</summary>
    /// <param name="outgoing">First element to send.</param>
    /// <param name="outgoingCount">Elements to send.</param>
    /// <param name="destination">Receiving rank, or <see cref="ProcessNull"/>.</param>
    /// <param name="outgoingTag">Tag of the message sent.</param>
    /// <param name="incoming">Where to receive; must not overlap what is sent.</param>
    /// <param name="incomingCount">Room in elements.</param>
    /// <param name="source">Sending rank, <see cref="AnySource"/> or <see cref="ProcessNull"/>.</param>
    /// <param name="incomingTag">Tag to receive, or <see cref="AnyTag"/>.</param>
    /// <param name="type">Element type of both.</param>
    /// <returns>The sender, the tag and the length of the message received.</returns>
    public Status SendReceive(void* outgoing, long outgoingCount, int destination, int outgoingTag,
        void* incoming, long incomingCount, int source, int incomingTag, MpiDatatype type)
    {
        if (YieldingWait.Needed)
        {
            var send = ImmediateSend(outgoing, outgoingCount, type, destination, outgoingTag);
            var received = Receive(incoming, incomingCount, type, source, incomingTag);
            YieldingWait.Wait(send);
            return received;
        }

        var handle = Live;
        Status status = default;
        using var sent = new CountedType(outgoingCount, type);
        using var room = new CountedType(incomingCount, type);
        MpiGuard.Check(MpiCalls.Sendrecv(outgoing, sent.Count, sent.Type, destination, outgoingTag,
            incoming, room.Count, room.Type, source, incomingTag, handle, &status), "MPI_Sendrecv");
        return status;
    }

    /// <summary>Starts a send. The memory must stay in place and unchanged until the request is complete.</summary>
    /// <param name="data">First element; native or pinned memory.</param>
    /// <param name="count">Elements.</param>
    /// <param name="type">Element type.</param>
    /// <param name="destination">Receiving rank, or <see cref="ProcessNull"/>.</param>
    /// <param name="tag">0 to <see cref="MaxTag"/>.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateSend(void* data, long count, MpiDatatype type, int destination, int tag)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Isend(data, message.Count, message.Type, destination, tag, handle, &request), "MPI_Isend");
        return new Request(request);
    }

    /// <summary>
    /// Starts a send that is complete only when its receive has begun, so that the sender knows how much is on its way (MPI_Issend). The memory must
    /// stay in place and unchanged until the request is complete.
    /// </summary>
    /// <param name="data">First element; native or pinned memory.</param>
    /// <param name="count">Elements.</param>
    /// <param name="type">Element type.</param>
    /// <param name="destination">Receiving rank, or <see cref="ProcessNull"/>.</param>
    /// <param name="tag">0 to <see cref="MaxTag"/>.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateSynchronousSend(void* data, long count, MpiDatatype type, int destination, int tag)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Issend(data, message.Count, message.Type, destination, tag, handle, &request), "MPI_Issend");
        return new Request(request);
    }

    /// <summary>Starts a receive. The memory must stay in place and untouched until the request is complete.</summary>
    /// <param name="data">First element; native or pinned memory.</param>
    /// <param name="count">Room in elements.</param>
    /// <param name="type">Element type.</param>
    /// <param name="source">Sending rank, <see cref="AnySource"/> or <see cref="ProcessNull"/>.</param>
    /// <param name="tag">Tag or <see cref="AnyTag"/>.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateReceive(void* data, long count, MpiDatatype type, int source, int tag)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Irecv(data, message.Count, message.Type, source, tag, handle, &request), "MPI_Irecv");
        return new Request(request);
    }

    /// <summary>Waits for a message without receiving it.</summary>
    /// <param name="source">Sending rank or <see cref="AnySource"/>.</param>
    /// <param name="tag">Tag or <see cref="AnyTag"/>.</param>
    /// <returns>The message that a receive with the status's source and tag will get.</returns>
    public Status Probe(int source, int tag)
    {
        Status status;
        if (YieldingWait.Needed)
        {
            while (!ImmediateProbe(source, tag, out status))
                Thread.Yield();
            return status;
        }

        MpiGuard.Check(MpiCalls.Probe(source, tag, Live, &status), "MPI_Probe");
        return status;
    }

    /// <summary>Looks for a message without receiving it or waiting.</summary>
    /// <param name="source">Sending rank or <see cref="AnySource"/>.</param>
    /// <param name="tag">Tag or <see cref="AnyTag"/>.</param>
    /// <param name="status">The message found.</param>
    /// <returns>True if there is one.</returns>
    public bool ImmediateProbe(int source, int tag, out Status status)
    {
        Status found = default;
        int flag;
        MpiGuard.Check(MpiCalls.Iprobe(source, tag, Live, &flag, &found), "MPI_Iprobe");
        status = found;
        return flag != 0;
    }

    /// <summary>Sends a span; returns when it may be changed.</summary>
    /// <typeparam name="T">Any unmanaged type; types that MPI does not know travel as bytes.</typeparam>
    /// <param name="data">The elements.</param>
    /// <param name="destination">Receiving rank, or <see cref="ProcessNull"/>.</param>
    /// <param name="tag">0 to <see cref="MaxTag"/>.</param>
    public void Send<T>(ReadOnlySpan<T> data, int destination, int tag)
        where T : unmanaged
    {
        // fixed holds managed memory in place for the whole blocking call.
        fixed (T* pointer = data)
            Send(pointer, MpiDatatypes.Transport<T>(data.Length, out var type), type, destination, tag);
    }

    /// <summary>Sends one value.</summary>
    /// <typeparam name="T">Any unmanaged type; types that MPI does not know travel as bytes.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="destination">Receiving rank, or <see cref="ProcessNull"/>.</param>
    /// <param name="tag">0 to <see cref="MaxTag"/>.</param>
    public void Send<T>(T value, int destination, int tag)
        where T : unmanaged =>
        Send(new ReadOnlySpan<T>(in value), destination, tag);

    /// <summary>Receives into a span; returns when the message is there.</summary>
    /// <typeparam name="T">The type that was sent.</typeparam>
    /// <param name="data">Room for the message; a longer message is an error, a shorter one is not.</param>
    /// <param name="source">Sending rank, <see cref="AnySource"/> or <see cref="ProcessNull"/>.</param>
    /// <param name="tag">Tag or <see cref="AnyTag"/>.</param>
    /// <returns>The sender, the tag and the length.</returns>
    public Status Receive<T>(Span<T> data, int source, int tag)
        where T : unmanaged
    {
        fixed (T* pointer = data)
            return Receive(pointer, MpiDatatypes.Transport<T>(data.Length, out var type), type, source, tag);
    }

    /// <summary>Receives one value.</summary>
    /// <typeparam name="T">The type that was sent.</typeparam>
    /// <param name="source">Sending rank or <see cref="AnySource"/>.</param>
    /// <param name="tag">Tag or <see cref="AnyTag"/>.</param>
    /// <returns>The value.</returns>
    /// <exception cref="MpiException">MPI reports an error, or the message is not exactly one value.</exception>
    public T Receive<T>(int source, int tag)
        where T : unmanaged
    {
        T value = default;
        var status = Receive(new Span<T>(ref value), source, tag);
        var type = MpiDatatypes.TryOf<T>(out var known) ? known : MpiDatatype.Byte;
        var expected = type == MpiDatatype.Byte ? Unsafe.SizeOf<T>() : 1;
        return status.Count(type) == expected ? value : throw new MpiException(
            $"rank {Rank} of {Size} expected one {typeof(T).Name} from rank {status.Source} with tag {status.Tag} and got a "
            + "shorter message: send one value, or receive into a span.", "MPI_Recv", MpiGuard.Rank);
    }

    /// <summary>Sends a span to one rank and receives another from another rank at the same time, without deadlock.</summary>
    /// <typeparam name="T">Any unmanaged type; types that MPI does not know travel as bytes.</typeparam>
    /// <param name="outgoing">The elements to send.</param>
    /// <param name="destination">Receiving rank, or <see cref="ProcessNull"/>.</param>
    /// <param name="incoming">Room for the message; must not overlap what is sent.</param>
    /// <param name="source">Sending rank, <see cref="AnySource"/> or <see cref="ProcessNull"/>.</param>
    /// <param name="tag">Tag of both messages.</param>
    /// <returns>The sender, the tag and the length of the message received.</returns>
    public Status SendReceive<T>(ReadOnlySpan<T> outgoing, int destination, Span<T> incoming, int source, int tag)
        where T : unmanaged
    {
        fixed (T* from = outgoing)
        fixed (T* to = incoming)
        {
            return SendReceive(from, MpiDatatypes.Transport<T>(outgoing.Length, out var type), destination, tag,
                to, MpiDatatypes.Transport<T>(incoming.Length, out _), source, tag, type);
        }
    }
}
