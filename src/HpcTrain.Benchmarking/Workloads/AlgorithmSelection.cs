using HpcTrain.Collectives;
using HpcTrain.CommandLine;

namespace HpcTrain.Benchmarking.Workloads;

/// <summary>The algorithms that are measured for a collective.</summary>
/// <param name="Names">Their names as the catalog spells them, <c>auto</c> among them.</param>
/// <param name="LeftOut">Sentences about those that were asked for and are not measured.</param>
internal sealed record AlgorithmSelection(IReadOnlyList<string> Names, IReadOnlyList<string> LeftOut)
{
    /// <summary>Says which name no collective of the request has, and which there are; null when all are known.</summary>
    public static string? Problem(BenchmarkRequest request)
    {
        foreach (string name in request.Algorithms)
        {
            bool isKnown = IsAll(name) || request.Collectives.Any(collective => TryParse(collective, name) != null);
            if (!isKnown)
            {
                IEnumerable<string> known = request.Collectives.Select(collective => $"{collective.Name()}: {string.Join(", ", AlgorithmCatalog.Names(collective))}");
                string? meant = NearestName.Find(name, request.Collectives.SelectMany(AlgorithmCatalog.Names).Append(BenchmarkRequest.AllAlgorithms));
                string guess = meant == null ? "" : $" (did you mean {meant}?)";
                return $"there is no algorithm '{name}'{guess}; there are {BenchmarkRequest.AllAlgorithms}, {string.Join("; ", known)}";
            }
        }

        return null;
    }

    /// <summary>The selection for a collective.</summary>
    /// <exception cref="BenchmarkException">The request is for one collective only, and one of its algorithms cannot be used here.</exception>
    public static AlgorithmSelection Of(BenchmarkRequest request, ScheduleSpec spec)
    {
        CollectiveKind collective = spec.Collective;
        List<string> names = [], leftOut = [];
        foreach (string asked in request.Algorithms.SelectMany(name => IsAll(name) ? AlgorithmCatalog.Names(collective) : [name]))
        {
            bool isByName = request.Algorithms.Contains(asked) && request.Collectives.Count == 1;
            if (TryParse(collective, asked) is not { } name)
            {
                leftOut.Add($"{collective.Name()} has no algorithm '{asked}'; it has {string.Join(", ", AlgorithmCatalog.Names(collective))}");
            }
            else if (AlgorithmCatalog.Find(collective, name)?.Unusable(spec) is { } why)
            {
                string sentence = $"algorithm '{name}' cannot be used for {collective.Name()} on {spec.Ranks} ranks: {why}";
                if (isByName)
                    throw new BenchmarkException(sentence);
                leftOut.Add(sentence);
            }
            else if (!names.Contains(name))
            {
                names.Add(name);
            }
        }

        return new(names, leftOut);
    }

    private static bool IsAll(string name) => name.Equals(BenchmarkRequest.AllAlgorithms, StringComparison.OrdinalIgnoreCase);

    private static string? TryParse(CollectiveKind collective, string name)
    {
        try
        {
            return AlgorithmCatalog.Parse(collective, name);
        }
        catch (ScheduleException)
        {
            return null;
        }
    }
}
