using HpcTrain.Collectives;

namespace HpcTrain.Cli.Schedules;

/// <summary>A line of <c>schedules list</c>. The numbers are those of the verified schedule; they are missing where the algorithm cannot be used.</summary>
/// <param name="Collective">The name of the collective.</param>
/// <param name="Algorithm">The name of the algorithm.</param>
/// <param name="Aliases">Other names that are understood.</param>
/// <param name="Ranks">The number of ranks.</param>
/// <param name="Steps">The messages in a row that nothing can shorten.</param>
/// <param name="SentShare">What the busiest rank sends, as a share of the buffer.</param>
/// <param name="ReducedShare">What the busiest rank reduces, as a share of the buffer.</param>
/// <param name="ClosedForm">The cost as a formula.</param>
/// <param name="WinsFor">When it wins.</param>
/// <param name="Unusable">Why it cannot be used, where it cannot.</param>
internal sealed record ListedAlgorithm(
    string Collective, string Algorithm, IReadOnlyList<string> Aliases, int Ranks, int? Steps, double? SentShare, double? ReducedShare,
    string ClosedForm, string WinsFor, string? Unusable)
{
    public static ListedAlgorithm Of(Algorithm algorithm, ScheduleSpec spec)
    {
        var row = AlgorithmRow.Of(algorithm, spec);
        return new(
            spec.Collective.Name(), algorithm.Name, algorithm.Aliases, spec.Ranks, row.Report?.Steps, row.Report?.SentShare, row.Report?.ReducedShare,
            algorithm.ClosedForm, algorithm.WinsFor, row.WhyNot);
    }
}
