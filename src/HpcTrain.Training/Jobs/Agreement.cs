using System.Globalization;
using System.Text;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;

namespace HpcTrain.Training.Jobs;

/// <summary>
/// Work that may fail on some ranks and must then end on all: each rank tries, the ranks compare notes, and either all go
/// on or all throw the same <see cref="JobException"/>. Nobody is left waiting in a collective for a rank that gave up.
/// </summary>
internal static class Agreement
{
    /// <summary>Runs <paramref name="work"/> on every rank; a collective call.</summary>
    /// <exception cref="JobException">It failed on at least one rank; the message names the ranks.</exception>
    public static T Run<T>(Intracommunicator communicator, Func<T> work)
    {
        var result = default(T);
        Exception? failure = null;
        try
        {
            result = work();
        }
        catch (Exception e)
        {
            failure = e;
        }

        Settle(communicator, failure);
        return result!;
    }

    /// <inheritdoc cref="Run{T}"/>
    public static void Run(Intracommunicator communicator, Action work)
        => Run(communicator, () =>
        {
            work();
            return true;
        });

    private static void Settle(Intracommunicator communicator, Exception? failure)
    {
        var message = failure is null ? [] : Encoding.UTF8.GetBytes(JobErrors.Describe(failure));
        Span<int> mine = [message.Length, failure is null ? ExitCodes.Ok : JobErrors.ExitCode(failure)];
        Span<int> all = new int[2 * communicator.Size];
        communicator.AllGather<int>(mine, all);
        var longest = 0;
        var exitCode = ExitCodes.Ok;
        for (var rank = 0; rank < communicator.Size; rank++)
        {
            longest = Math.Max(longest, all[2 * rank]);
            exitCode = exitCode == ExitCodes.Ok ? all[(2 * rank) + 1] : exitCode;
        }

        if (exitCode == ExitCodes.Ok)
        {
            return;
        }

        var padded = new byte[longest];
        message.CopyTo(padded, 0);
        var texts = new byte[longest * communicator.Size];
        communicator.AllGather<byte>(padded, texts);
        var byText = new Dictionary<string, List<int>>();
        for (var rank = 0; rank < communicator.Size; rank++)
        {
            if (all[(2 * rank) + 1] != ExitCodes.Ok)
            {
                var text = Encoding.UTF8.GetString(texts, rank * longest, all[2 * rank]);
                (byText.TryGetValue(text, out var ranks) ? ranks : byText[text] = []).Add(rank);
            }
        }

        throw new JobException(
            string.Join(System.Environment.NewLine, byText.Select(entry => $"{Who(entry.Value, communicator.Size)}{entry.Key}")),
            exitCode);
    }

    private static string Who(List<int> ranks, int size)
    {
        if (ranks.Count == size)
        {
            return size == 1 ? "" : "all ranks: ";
        }

        var list = string.Join(", ", ranks.Take(8).Select(r => r.ToString(CultureInfo.InvariantCulture)));
        return ranks.Count == 1 ? $"rank {list}: " : $"ranks {list}{(ranks.Count > 8 ? ", ..." : "")}: ";
    }
}
