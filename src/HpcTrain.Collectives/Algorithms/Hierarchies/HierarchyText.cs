using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>The closed form of a hierarchy over equal groups of neighbours as text.</summary>
internal static partial class HierarchyText
{
    // Idea. A group of level i has pᵢ members, which are ranks or groups of the level below, so p = p₁ p₂ ... The plan of two levels on p₁ = 2 and p₂ = 3
    // says which phases there are: 2 ranks are inside and 3 across, half of the data is 1/p₁ of it and a third the share of one group, and 3 pieces
    // are one for each group. Inside stands the closed form of the level's algorithm; across stands that of the levels above, found in the same way.
    private const int Members = 2;
    private const int Groups = 3;

    /// <summary>The phases in order, each the closed form of its algorithm with what it works on.</summary>
    public static string ClosedForm(CollectiveKind collective, ImmutableArray<HierarchyLevel> levels) =>
        string.Join("; ", Phases(collective, levels, 0, ""));

    private static IEnumerable<string> Phases(CollectiveKind collective, ImmutableArray<HierarchyLevel> levels, int level, string divisor)
    {
        if (level == levels.Length - 1)
            return [Placed(AlgorithmCatalog.Known(collective, levels[level].Name)!, "across", level, divisor, "")];
        var spec = new ScheduleSpec(collective, Members * Groups) { Nodes = NodeMap.Blocks(Members * Groups, Members) };
        var plan = new HierarchyPlan([levels[level] with { GroupSize = 0 }, levels[^1]], spec, AlgorithmCatalog.Known(collective, levels[^1].Name)!);
        string own = Size(level), above = string.Concat(Enumerable.Range(level + 1, levels.Length - level - 1).Select(Size));
        return plan.Phases.Select(parts => parts[0]).SelectMany(part =>
        {
            string share = divisor + ((plan.Chunks.Length / part.Weight) switch { Members => own, Groups => above, _ => "" });
            return part.Spec.Ranks == Groups ? Phases(collective, levels, level + 1, share)
                : [Placed(part.Algorithm, "inside", level, share, part.Pieces == Groups ? above : "")];
        });
    }

    private static string Placed(Algorithm algorithm, string place, int level, string divisor, string pieces)
    {
        string text = Ranks().Replace(algorithm.ClosedForm, Size(level));
        if (divisor.Length > 0)
            text = Bytes().Replace(text, $"(n/{divisor})");
        if (pieces.Length > 0)
            text = text.Replace("α", $"{pieces}α", StringComparison.Ordinal);
        return $"{place} {text}";
    }

    /// <summary>p with the level's number, from 1, as an index.</summary>
    private static string Size(int level) => $"p{(char)('₁' + level)}";

    [GeneratedRegex("(?<![A-Za-z])p(?![A-Za-z])")]
    private static partial Regex Ranks();

    [GeneratedRegex("(?<![A-Za-z])n(?![A-Za-z])")]
    private static partial Regex Bytes();
}
