using System.Globalization;

namespace HpcTrain.Topology.Drawings;

/// <summary>A sketch whose ranks are counted at the switch that they hang on, where they hang on one only.</summary>
internal static class FoldedSketch
{
    public static Sketch Of(Sketch full)
    {
        int[] holder = [.. Enumerable.Range(0, full.Count).Select(node => HolderOf(full, node))];
        ILookup<int, int> held = Enumerable.Range(0, full.Count).Where(node => holder[node] >= 0).ToLookup(node => holder[node]);
        int[] kept = [.. Enumerable.Range(0, full.Count).Where(node => holder[node] < 0)];
        Sketch part = full.Part(kept);
        return new([.. kept.Select(node => held.Contains(node) ? WithRanks(full, node, [.. held[node]]) : full.Nodes[node])], part.Links, isSummary: true);
    }

    private static int HolderOf(Sketch full, int node) =>
        full.Nodes[node].HoldsRanks && full.Neighbours(node).Count == 1 && full.Neighbours(node).First() is var only && full.Nodes[only].Kind == NodeKind.Switch ? only : -1;

    private static SketchNode WithRanks(Sketch full, int node, int[] ranks)
    {
        int[] numbers = [.. ranks.SelectMany(rank => full.Nodes[rank].Members)];
        Rational[] rates = [.. full.Links.Where(link => ranks.Contains(link.A) || ranks.Contains(link.B)).Select(link => link.Bandwidth).Distinct()];
        string names = numbers.Length == 1 ? $"rank {numbers[0]}"
            : numbers[^1] - numbers[0] == numbers.Length - 1 ? $"ranks {numbers[0]}\u2013{numbers[^1]}" : $"{numbers.Length} ranks";
        string each = rates.Length == 1 ? string.Create(CultureInfo.InvariantCulture, $", {(double)rates[0]:0.##}{(numbers.Length > 1 ? " each" : "")}") : "";
        return full.Nodes[node] with { Detail = names + each, HoldsRanks = true, Members = [.. full.Nodes[node].Members, .. numbers] };
    }
}
