using System.Runtime.InteropServices;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Training.Replication;
using static TorchSharp.torch;

namespace HpcTrain.Training.Pipelines;

/// <summary>
/// One end of a channel between two ranks: a ring of buffers of one message each, allocated once. Receives are posted as far ahead as there are buffers; sends go on
/// while the rank computes, and a buffer's send is waited for when the ring comes round to it.
/// </summary>
internal sealed unsafe class PipelineMessages : IDisposable
{
    private readonly Intracommunicator _ranks;
    private readonly int _peer;
    private readonly int _tag;
    private readonly long[] _shape;
    private readonly int _count;
    private readonly ElementType _wire;
    private readonly nint[] _buffers;
    private readonly Request[] _requests;
    private bool _isSender;
    private long _posted;
    private long _taken;

    /// <param name="ranks">The stages.</param>
    /// <param name="peer">The rank at the other end.</param>
    /// <param name="tag">The channel.</param>
    /// <param name="shape">The shape of a message's tensor, f32 on both sides.</param>
    /// <param name="wire">What travels.</param>
    /// <param name="buffers">Messages that are under way or wait here at a time.</param>
    public PipelineMessages(Intracommunicator ranks, int peer, int tag, long[] shape, ElementType wire, int buffers)
    {
        (_ranks, _peer, _tag, _shape, _wire) = (ranks, peer, tag, shape, wire);
        _count = checked((int)shape.Aggregate(1L, (product, size) => checked(product * size)));
        _buffers = [.. Enumerable.Range(0, buffers).Select(_ => (nint)NativeMemory.AlignedAlloc((nuint)Bytes, 64))];
        _requests = new Request[buffers];
    }

    /// <summary>Messages that have been posted and not yet taken, at a time.</summary>
    public int Capacity => _buffers.Length;

    /// <summary>Messages whose receive has been posted, or that have been sent.</summary>
    public long Posted => _posted;

    /// <summary>Messages that have been taken.</summary>
    public long Taken => _taken;

    private long Bytes => Math.Max(1, (long)_count * _wire.SizeInBytes());

    /// <summary>Posts receives while buffers are free and messages will come.</summary>
    /// <param name="expected">Messages that will have come in all, at the end of the step.</param>
    public void PostReceives(long expected)
    {
        while (_posted < expected && _posted - _taken < _buffers.Length)
        {
            var slot = _posted++ % _buffers.Length;
            _requests[slot] = _ranks.ImmediateReceive((void*)_buffers[slot], Bytes, MpiDatatype.Byte, _peer, _tag);
        }
    }

    /// <summary>Whether the next message to take is there.</summary>
    public bool HasCome() => _requests[_taken % _buffers.Length].Test();

    /// <summary>Takes the message that has come; the buffer is free afterwards.</summary>
    /// <returns>A tensor with its values, the caller's.</returns>
    public Tensor Take()
    {
        using var outside = NewDisposeScope();
        var result = empty(_shape).DetachFromDisposeScope();
        fixed (float* values = TensorMemory.Floats(result))
        {
            HostKernels.Cast(_wire, (void*)_buffers[_taken % _buffers.Length], ElementType.F32, values, _count);
        }

        _taken++;
        return result;
    }

    /// <summary>Whether a buffer is free to send from.</summary>
    public bool MaySend() => _posted < _buffers.Length || _requests[_posted % _buffers.Length].Test();

    /// <summary>Starts to send a tensor, after <see cref="MaySend"/>.</summary>
    public void Send(Tensor tensor)
    {
        _isSender = true;
        var slot = _posted++ % _buffers.Length;
        using var plain = tensor.is_contiguous() ? null : tensor.contiguous();
        fixed (float* values = TensorMemory.Floats(plain ?? tensor))
        {
            HostKernels.Cast(ElementType.F32, values, _wire, (void*)_buffers[slot], _count);
        }

        _requests[slot] = _ranks.ImmediateSend((void*)_buffers[slot], Bytes, MpiDatatype.Byte, _peer, _tag);
    }

    /// <summary>Lets MPI move on.</summary>
    /// <returns>Whether nothing is under way.</returns>
    public bool Progress()
    {
        var isIdle = true;
        foreach (ref var request in _requests.AsSpan())
        {
            isIdle &= request.IsEmpty || request.Test();
        }

        return isIdle;
    }

    /// <summary>
    /// Frees the buffers. Receives that nothing came for are taken back; after a send that nobody has received, a step that failed, its buffer stays MPI's.
    /// </summary>
    public void Dispose()
    {
        for (var slot = 0; slot < _buffers.Length; slot++)
        {
            ref var request = ref _requests[slot];
            if (!request.IsEmpty && !request.Test())
            {
                if (_isSender)
                {
                    continue;
                }

                request.Cancel();
                request.Wait();
            }

            NativeMemory.AlignedFree((void*)_buffers[slot]);
        }
    }
}
