using System.Runtime.ExceptionServices;

namespace HpcTrain.Training.Tests;

/// <summary>Ranks as threads of this process, within a bounded time.</summary>
internal static class RankThreads
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(60);

    /// <summary>Runs a body per rank; throws what the first rank has thrown that failed.</summary>
    public static void Run(int ranks, Action<int> body)
    {
        var errors = new Exception?[ranks];
        var threads = Enumerable.Range(0, ranks).Select(rank => new Thread(() =>
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
        { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        for (var rank = 0; rank < ranks; rank++)
        {
            Assert.That(threads[rank].Join(_bound), Is.True, $"rank {rank} was not done after {_bound.TotalSeconds} s");
        }

        if (errors.FirstOrDefault(error => error is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }
}
