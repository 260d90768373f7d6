using System.Runtime.ExceptionServices;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>Runs one body per rank, each on a thread of its own, within a bounded time.</summary>
internal static class RankThreads
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    public static void Run(int ranks, Action<int> body)
    {
        var errors = new Exception?[ranks];
        var threads = new Thread[ranks];
        for (int r = 0; r < ranks; r++)
        {
            int rank = r;
            threads[r] = new Thread(() =>
            {
                try
                {
                    body(rank);
                }
                catch (Exception error)
                {
                    errors[rank] = error;
                }
            })
            { IsBackground = true };
            threads[r].Start();
        }

        for (int rank = 0; rank < ranks; rank++)
            Assert.That(threads[rank].Join(s_bound), Is.True, $"rank {rank} did not come to an end");
        if (errors.FirstOrDefault(error => error != null) is { } first)
            ExceptionDispatchInfo.Throw(first);
    }
}
