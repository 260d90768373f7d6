using System.Numerics;
using System.Runtime.InteropServices;
using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>
/// The vendor's collectives against a model in plain C#: rank r contributes value(r, i) at element i. Small integers,
/// so that every order of reduction gives the same value in every type. By every way through the binding (<see cref="Ways"/>).
/// </summary>
public unsafe class CollectiveTests
{
    private static readonly int[] Lengths = [0, 1, 5, 1000];

    [RankTest(1, 2, 3, 4)]
    public void Every_operation_reduces_every_type_on_every_rank(Intracommunicator world) => Ways.Each(world, () =>
    {
        AllOperations<sbyte>(world);
        AllOperations<byte>(world);
        AllOperations<short>(world);
        AllOperations<ushort>(world);
        AllOperations<int>(world);
        AllOperations<uint>(world);
        AllOperations<long>(world);
        AllOperations<ulong>(world);
        Arithmetic<float>(world);
        Arithmetic<double>(world);
    });

    [RankTest(1, 2, 3, 4)]
    public void Data_moves_to_where_each_collective_says(Intracommunicator world) => Ways.Each(world, () =>
    {
        foreach (var length in Lengths)
        {
            for (var root = 0; root < world.Size; root++)
            {
                var data = world.Rank == root ? Values<int>(root, length) : new int[length];
                world.Broadcast(data.AsSpan(), root);
                Assert.That(data, Is.EqualTo(Values<int>(root, length)), "broadcast");

                var mine = Values<int>(world.Rank, length);
                var all = world.Rank == root ? new int[length * world.Size] : [];
                world.Gather<int>(mine, all, root);
                Assert.That(all, Is.EqualTo(world.Rank == root ? Everyone<int>(world, length) : []), "gather");

                var part = new int[length];
                world.Scatter<int>(world.Rank == root ? Everyone<int>(world, length) : [], part, root);
                Assert.That(part, Is.EqualTo(mine), "scatter");
            }

            var gathered = new int[length * world.Size];
            world.AllGather<int>(Values<int>(world.Rank, length), gathered);
            Assert.That(gathered, Is.EqualTo(Everyone<int>(world, length)), "all-gather");

            // Part j of rank r carries r * 100 + j: after the exchange, part r of rank j does.
            var outgoing = Enumerable.Range(0, world.Size).SelectMany(j => Enumerable.Repeat((world.Rank * 100) + j, length)).ToArray();
            var incoming = new int[outgoing.Length];
            world.AllToAll<int>(outgoing, incoming);
            Assert.That(incoming, Is.EqualTo(Enumerable.Range(0, world.Size).SelectMany(r => Enumerable.Repeat((r * 100) + world.Rank, length))),
                "all-to-all");
        }
    });

    [RankTest(1, 3)]
    public void Memory_named_twice_is_worked_on_in_place(Intracommunicator world) => Ways.Each(world, () =>
    {
        const int length = 6;
        var size = world.Size;
        Span<int> memory = stackalloc int[length * size];
        fixed (int* data = memory)
        {
            var mine = data + (world.Rank * length);
            for (var root = 0; root < size; root++)
            {
                Fill(memory, world.Rank);
                world.Reduce(data, data, length, MpiDatatype.Int32, MpiOp.Sum, root);
                if (world.Rank == root)
                    Assert.That(memory[..length].ToArray(), Is.EqualTo(Reduced<int>(world, length, (a, b) => a + b)), "reduce");

                Fill(memory[(world.Rank * length)..][..length], world.Rank);
                world.Gather(mine, data, length, MpiDatatype.Int32, root);
                if (world.Rank == root)
                    Assert.That(memory.ToArray(), Is.EqualTo(Everyone<int>(world, length)), "gather");

                Everyone<int>(world, length).CopyTo(memory);
                world.Scatter(data, mine, length, MpiDatatype.Int32, root);
                Assert.That(memory[(world.Rank * length)..][..length].ToArray(), Is.EqualTo(Values<int>(world.Rank, length)), "scatter");
            }

            memory.Clear();
            Fill(memory[(world.Rank * length)..][..length], world.Rank);
            world.AllGather(mine, data, length, MpiDatatype.Int32);
            Assert.That(memory.ToArray(), Is.EqualTo(Everyone<int>(world, length)), "all-gather");

            Fill(memory, world.Rank);
            world.ReduceScatterBlock(data, data, length, MpiDatatype.Int32, MpiOp.Sum);
            var expected = Reduced<int>(world, length * size, (a, b) => a + b)[(world.Rank * length)..][..length];
            Assert.That(memory[..length].ToArray(), Is.EqualTo(expected), "reduce-scatter");

            for (var i = 0; i < memory.Length; i++)
                memory[i] = (world.Rank * 100) + (i / length);
            world.AllToAll(data, data, length, MpiDatatype.Int32);
            Assert.That(memory.ToArray(), Is.EqualTo(Enumerable.Range(0, size).SelectMany(r => Enumerable.Repeat((r * 100) + world.Rank, length))),
                "all-to-all");
        }
    });

    [RankTest(1, 2, 3, 4)]
    public void The_nonblocking_forms_give_what_the_blocking_ones_give(Intracommunicator world) => Ways.Each(world, () =>
    {
        const int length = 40;
        var size = world.Size;
        var source = (long*)NativeMemory.AllocZeroed((nuint)(length * size), sizeof(long));
        var destination = (long*)NativeMemory.AllocZeroed((nuint)(length * size), sizeof(long));
        var into = new Span<long>(destination, length * size);
        var from = new Span<long>(source, length * size);
        Fill(from, world.Rank);
        var mine = Values<long>(world.Rank, length);
        var root = size - 1;

        Complete(world.ImmediateBarrier());
        Complete(world.ImmediateAllReduce(source, destination, length, MpiDatatype.Int64, MpiOp.Max));
        Assert.That(into[..length].ToArray(), Is.EqualTo(Reduced<long>(world, length, Math.Max)), "all-reduce");
        Complete(world.ImmediateReduce(source, destination, length, MpiDatatype.Int64, MpiOp.Sum, root));
        if (world.Rank == root)
            Assert.That(into[..length].ToArray(), Is.EqualTo(Reduced<long>(world, length, (a, b) => a + b)), "reduce");
        Complete(world.ImmediateReduceScatterBlock(source, destination, length, MpiDatatype.Int64, MpiOp.Sum));
        Assert.That(into[..length].ToArray(),
            Is.EqualTo(Reduced<long>(world, length * size, (a, b) => a + b)[(world.Rank * length)..][..length]), "reduce-scatter");
        Complete(world.ImmediateAllGather(source, destination, length, MpiDatatype.Int64));
        Assert.That(into.ToArray(), Is.EqualTo(Everyone<long>(world, length)), "all-gather");
        into.Clear();
        Complete(world.ImmediateGather(source, destination, length, MpiDatatype.Int64, root));
        Assert.That(into.ToArray(), Is.EqualTo(world.Rank == root ? Everyone<long>(world, length) : new long[length * size]), "gather");
        Complete(world.ImmediateAllToAll(source, destination, length, MpiDatatype.Int64));
        Assert.That(into.ToArray(), Is.EqualTo(Enumerable.Range(0, size)
            .SelectMany(r => Values<long>(r, length * size)[(world.Rank * length)..][..length])), "all-to-all");
        Everyone<long>(world, length).CopyTo(from);
        Complete(world.ImmediateScatter(source, destination, length, MpiDatatype.Int64, root));
        Assert.That(into[..length].ToArray(), Is.EqualTo(mine), "scatter");
        if (world.Rank == root)
            Values<long>(root, length).CopyTo(into);
        Complete(world.ImmediateBroadcast(destination, length, MpiDatatype.Int64, root));
        Assert.That(into[..length].ToArray(), Is.EqualTo(Values<long>(root, length)), "broadcast");
        NativeMemory.Free(source);
        NativeMemory.Free(destination);
    });

    [RankTest(2)]
    public void A_barrier_holds_back_who_comes_first(Intracommunicator world) => Ways.Each(world, () =>
    {
        var arrived = world.AllGather(0);
        for (var late = 0; late < world.Size; late++)
        {
            // The late rank sends before it enters; a probe after the barrier must find the message at once or soon.
            if (world.Rank == late)
            {
                Thread.Sleep(30);
                world.Send(late, 1 - late, tag: late);
            }

            var before = MpiEnvironment.Wtime;
            world.Barrier();
            if (world.Rank != late)
            {
                Assert.That(MpiEnvironment.Wtime - before, Is.GreaterThan(0.001));
                Assert.That(world.Receive<int>(late, tag: late), Is.EqualTo(late));
            }
        }

        Assert.That(arrived, Has.Length.EqualTo(2));
    });

    [RankTest(2)]
    public void Spans_of_the_wrong_length_are_refused_before_anything_is_sent(Intracommunicator world) => Ways.Each(world, () =>
    {
        int[] three = [1, 2, 3], two = [1, 2];
        Assert.That(() => world.AllGather<int>(three, two), Throws.ArgumentException.With.Message.Contains("2 elements where the call needs 6"));
        Assert.That(() => world.Gather<int>(three, two, world.Rank), Throws.ArgumentException);
        Assert.That(() => world.Scatter<int>(three, two, world.Rank), Throws.ArgumentException);
        Assert.That(() => world.Reduce<int>(three, two, MpiOp.Sum, world.Rank), Throws.ArgumentException);
        Assert.That(() => world.ReduceScatterBlock<int>(three, two, MpiOp.Sum), Throws.ArgumentException);
        Assert.That(() => world.AllToAll<int>(three, new int[3]), Throws.ArgumentException.With.Message.Contains("3 elements"));
        Assert.That(() => world.AllReduce<Half>(new Half[2].AsSpan(), MpiOp.Sum), Throws.TypeOf<NotSupportedException>());
        world.Barrier();
    });

    private static void AllOperations<T>(Intracommunicator world)
        where T : unmanaged, IBinaryInteger<T>
    {
        Arithmetic<T>(world);
        Check<T>(world, MpiOp.BitwiseAnd, (a, b) => a & b);
        Check<T>(world, MpiOp.BitwiseOr, (a, b) => a | b);
        Check<T>(world, MpiOp.BitwiseXor, (a, b) => a ^ b);
        Check<T>(world, MpiOp.LogicalAnd, (a, b) => !T.IsZero(a) && !T.IsZero(b) ? T.One : T.Zero, logical: true);
        Check<T>(world, MpiOp.LogicalOr, (a, b) => !T.IsZero(a) || !T.IsZero(b) ? T.One : T.Zero, logical: true);
        Check<T>(world, MpiOp.LogicalXor, (a, b) => T.IsZero(a) != T.IsZero(b) ? T.One : T.Zero, logical: true);
    }

    private static void Arithmetic<T>(Intracommunicator world)
        where T : unmanaged, INumber<T>
    {
        Check<T>(world, MpiOp.Sum, (a, b) => a + b);
        Check<T>(world, MpiOp.Prod, (a, b) => a * b);
        Check<T>(world, MpiOp.Min, T.Min);
        Check<T>(world, MpiOp.Max, T.Max);
    }

    private static void Check<T>(Intracommunicator world, MpiOp op, Func<T, T, T> model, bool logical = false)
        where T : unmanaged, INumber<T>
    {
        foreach (var length in Lengths)
        {
            var expected = Reduced(world, length, model);

            // One rank alone has nothing to combine: its contribution comes back as it is, not as 0 or 1.
            if (logical && world.Size == 1)
                expected = Values<T>(0, length);
            var values = Values<T>(world.Rank, length);
            world.AllReduce(values.AsSpan(), op);
            Assert.That(values.AsSpan().SequenceEqual(expected), Is.True, $"{op} of {length} {typeof(T).Name}");
        }
    }

    private static void Complete(Request request) => request.Wait();

    private static T[] Reduced<T>(Intracommunicator world, int length, Func<T, T, T> model)
        where T : unmanaged, INumber<T> =>
        Enumerable.Range(0, world.Size).Select(rank => Values<T>(rank, length))
            .Aggregate((sum, next) => [.. sum.Zip(next, model)]);

    private static T[] Everyone<T>(Intracommunicator world, int length)
        where T : unmanaged, INumber<T> =>
        [.. Enumerable.Range(0, world.Size).SelectMany(rank => Values<T>(rank, length))];

    private static T[] Values<T>(int rank, int length)
        where T : unmanaged, INumber<T>
    {
        var values = new T[length];
        Fill<T>(values, rank);
        return values;
    }

    /// <summary>0 to 3: four ranks' product stays below 128.</summary>
    private static void Fill<T>(Span<T> values, int rank)
        where T : unmanaged, INumber<T>
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = T.CreateChecked((i + (rank * 3)) % 4);
    }
}
