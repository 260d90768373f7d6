using System.Diagnostics;
using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tuning;

/// <summary>Finds the numbers of the cost model for the ranks of a transport.</summary>
internal sealed unsafe class CostProbe : IDisposable
{
    // Idea. Rank r plays ping-pong with rank r + p/2: where ranks are placed node by node, that is a rank of another node, if there is one. All pairs
    // play at the same time, as the ranks of a collective do. The time of a message of one element is alpha; what a long one takes beyond that, by its
    // length, is beta; a fold of two buffers that fit into the caches gives gamma. Disturbances only ever add time, so the shortest time counts; but
    // the slowest rank holds up a collective, so the largest of all ranks' numbers does. Rank 0 finds it and tells the others, bit by bit the same: ranks
    // that compare by different numbers might choose differently.
    // Cost: 100 short and 12 long messages, about 10 ms of a network of 1 GB/s.
    private const int ShortBytes = 8, ShortRounds = 50;
    private const int LongBytes = 256 * 1024, LongRounds = 6;
    private const int Folds = 6;
    private const int Tag = 0;
    private const double LeastSecondsPerByte = 1e-13;

    private readonly Transport _transport;
    private readonly TimeSpan _timeout;
    private readonly NativeBlock _memory = new(2 * LongBytes);

    private CostProbe(Transport transport, TimeSpan timeout)
    {
        _transport = transport;
        _timeout = timeout;
    }

    /// <summary>Measures. A collective call, with no other message under way.</summary>
    /// <param name="transport">The ranks.</param>
    /// <param name="timeout">How long to wait for a rank that does not answer.</param>
    /// <returns>The same numbers on all ranks; the default ones when there is one rank.</returns>
    /// <exception cref="ScheduleException">A rank does not answer.</exception>
    public static CostModel Measure(Transport transport, TimeSpan timeout)
    {
        if (transport.Size == 1)
            return CostModel.Default;
        using var probe = new CostProbe(transport, timeout);
        transport.Reserve(1);
        CostModel model = probe.Largest(probe.Own());
        transport.Reserve(-1);
        return model;
    }

    public void Dispose() => _memory.Dispose();

    private CostModel Own()
    {
        int half = _transport.Size / 2, rank = _transport.Rank;
        double gamma = FoldSeconds() / LongBytes;
        if (rank >= 2 * half)
            return new(0, 0, gamma);
        int partner = rank < half ? rank + half : rank - half;
        double alpha = MessageSeconds(partner, ShortBytes, ShortRounds);
        double beta = (MessageSeconds(partner, LongBytes, LongRounds) - alpha) / LongBytes;
        return new(alpha, Math.Max(beta, LeastSecondsPerByte), gamma);
    }

    private double FoldSeconds()
    {
        double least = double.PositiveInfinity;
        for (int fold = 0; fold < Folds; fold++)
        {
            long start = Stopwatch.GetTimestamp();
            HostKernels.Reduce(ElementType.F32, ReduceOp.Sum, _memory.Pointer, _memory.Pointer + LongBytes, LongBytes / sizeof(float));
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return least;
    }

    private double MessageSeconds(int partner, int bytes, int rounds)
    {
        double least = double.PositiveInfinity;
        for (int round = 0; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            if (_transport.Rank < partner)
            {
                Send(_memory.Pointer, bytes, partner);
                Receive(_memory.Pointer + LongBytes, bytes, partner);
            }
            else
            {
                Receive(_memory.Pointer + LongBytes, bytes, partner);
                Send(_memory.Pointer, bytes, partner);
            }

            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalSeconds / 2);
        }

        return least;
    }

    /// <summary>The largest of each number on any rank.</summary>
    private CostModel Largest(CostModel own)
    {
        var numbers = (CostModel*)_memory.Pointer;
        *numbers = own;
        if (_transport.Rank > 0)
        {
            Send(numbers, sizeof(CostModel), 0);
            Receive(numbers, sizeof(CostModel), 0);
            return *numbers;
        }

        CostModel* other = numbers + 1;
        for (int rank = 1; rank < _transport.Size; rank++)
        {
            Receive(other, sizeof(CostModel), rank);
            *numbers = new(Math.Max(numbers->Alpha, other->Alpha), Math.Max(numbers->Beta, other->Beta), Math.Max(numbers->Gamma, other->Gamma));
        }

        for (int rank = 1; rank < _transport.Size; rank++)
            Send(numbers, sizeof(CostModel), rank);
        return *numbers;
    }

    private void Send(void* data, int bytes, int peer) => Complete(_transport.PostSend(data, bytes, peer, Tag), peer);

    private void Receive(void* data, int bytes, int peer) => Complete(_transport.PostReceive(data, bytes, peer, Tag), peer);

    private void Complete(int ticket, int peer)
    {
        var patience = new Patience(_timeout, _transport.HasOwnCores);
        while (!_transport.Test(ticket))
        {
            if (patience.Wait())
                continue;
            if (!_transport.Cancel(ticket))
                _memory.Abandon();
            throw new ScheduleException(
                $"Rank {_transport.Rank} measured what messages cost, and rank {peer} did not answer for {_timeout.TotalSeconds:0.###} s: check that it is alive and "
                + $"makes its communicator with {nameof(CommunicatorOptions.ProbeCosts)}, too.", _transport.Rank, null, null);
        }
    }
}
