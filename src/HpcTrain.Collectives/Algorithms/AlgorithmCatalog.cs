using HpcTrain.Collectives.Algorithms;

namespace HpcTrain.Collectives;

/// <summary>
/// The algorithms by name. A name is matched without regard to case, and <c>_</c> counts as <c>-</c>. Aliases:
/// <c>doubling</c>, <c>rd</c> for recursive-doubling; <c>rabenseifner</c>, <c>recursive-halving-doubling</c>, <c>hd</c> for halving-doubling.
/// </summary>
public static class AlgorithmCatalog
{
    /// <summary>The name that stands for a choice by buffer length and rank count (see <see cref="Choose"/>).</summary>
    public const string Auto = "auto";

    private static readonly Entry[] s_entries =
    [
        new("ring", [], RingAllReduce.Create, RingAllReduce.Seconds),
        new("recursive-doubling", ["doubling", "rd"], RecursiveDoublingAllReduce.Create, RecursiveDoublingAllReduce.Seconds),
        new("halving-doubling", ["rabenseifner", "recursive-halving-doubling", "hd"], HalvingDoublingAllReduce.Create, HalvingDoublingAllReduce.Seconds),
    ];

    private static readonly string[] s_algorithms = [.. s_entries.Select(entry => entry.Name)];
    private static readonly string[] s_names = [.. s_algorithms, Auto];

    /// <summary>The allreduce algorithms, without <see cref="Auto"/>.</summary>
    public static IReadOnlyList<string> Algorithms => s_algorithms;

    /// <summary>Everything that may be asked for: the algorithms and <see cref="Auto"/>.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>The one spelling of a name or alias.</summary>
    /// <exception cref="ScheduleException">There is no such algorithm; the message lists the valid ones.</exception>
    public static string Parse(string name)
    {
        // The usual case first: a name that is already right costs a few comparisons and no allocation.
        foreach (string known in s_names)
        {
            if (known == name)
                return known;
        }

        string normal = name.Trim().Replace('_', '-').ToLowerInvariant();
        if (normal == Auto)
            return Auto;
        foreach (Entry entry in s_entries)
        {
            if (entry.Name == normal || entry.Aliases.Contains(normal))
                return entry.Name;
        }

        throw new ScheduleException($"There is no allreduce algorithm '{name}'; the valid ones are {string.Join(", ", Names)}.");
    }

    /// <summary>Makes the schedule of a named algorithm.</summary>
    /// <param name="name">A name or alias, not <see cref="Auto"/>: a choice needs the buffer's length.</param>
    /// <param name="ranks">The number of ranks; any from 1 up.</param>
    /// <exception cref="ScheduleException">There is no such algorithm, or the rank count is below 1.</exception>
    public static Schedule Create(string name, int ranks)
    {
        string parsed = Parse(name);
        if (parsed == Auto)
            throw new ScheduleException($"'{Auto}' is a choice, not an algorithm; name one of {string.Join(", ", Algorithms)}.");
        if (ranks < 1)
            throw new ScheduleException($"A schedule needs at least one rank, not {ranks}.");
        return s_entries[Array.IndexOf(s_algorithms, parsed)].Create(ranks);
    }

    /// <summary>What <see cref="Auto"/> means: the algorithm whose closed form is smallest; the first in the list where several are.</summary>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="bytes">The buffer's length in bytes.</param>
    /// <param name="model">The costs to compare by.</param>
    public static string Choose(int ranks, long bytes, CostModel model)
    {
        string best = s_entries[0].Name;
        double least = double.PositiveInfinity;
        foreach (Entry entry in s_entries)
        {
            double seconds = entry.Seconds(ranks, bytes, model);
            if (seconds < least)
                (best, least) = (entry.Name, seconds);
        }

        return best;
    }

    private sealed record Entry(string Name, string[] Aliases, Func<int, Schedule> Create, Func<int, long, CostModel, double> Seconds);
}
