using System.Globalization;
using System.Numerics;
using System.Text;

namespace HpcTrain.Collectives;

/// <summary>What an algorithm takes for one rank count.</summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Report">What its schedule takes, as the verifier has counted it; null when it cannot be used.</param>
/// <param name="WhyNot">Why it cannot be used, or null.</param>
public sealed record AlgorithmRow(Algorithm Algorithm, VerificationReport? Report, string? WhyNot)
{
    /// <summary>What the busiest rank sends, as a share of the whole buffer: <c>15/8</c>; empty when the algorithm cannot be used.</summary>
    public string Sent => Report is { } report ? Share(report.SentWeight, report.TotalWeight) : "";

    /// <summary>Makes the schedule, if the algorithm can, and verifies it.</summary>
    public static AlgorithmRow Of(Algorithm algorithm, ScheduleSpec spec) =>
        algorithm.Unusable(spec) is { } why ? new(algorithm, null, why) : new(algorithm, ScheduleVerifier.Verify(algorithm.Create(spec)), null);

    private static string Share(long weight, long total)
    {
        long common = (long)BigInteger.GreatestCommonDivisor(weight, total);
        return total == common ? $"{weight / common}" : $"{weight / common}/{total / common}";
    }
}

/// <summary>
/// Tables of the algorithms with what they take. Every number comes from the verifier, so making a table proves every schedule in it.
/// </summary>
public static class AlgorithmTable
{
    /// <summary>The algorithms of one collective; for collectives with a root, from rank 0.</summary>
    /// <param name="collective">The collective.</param>
    /// <param name="nodes">How many ranks, and where they are.</param>
    public static IReadOnlyList<AlgorithmRow> Rows(CollectiveKind collective, NodeMap nodes)
    {
        var spec = new ScheduleSpec(collective, nodes.Ranks) { Nodes = nodes };
        return [.. AlgorithmCatalog.Of(collective).Select(algorithm => AlgorithmRow.Of(algorithm, spec))];
    }

    /// <summary>All algorithms of all collectives as a page of Markdown.</summary>
    /// <param name="shapes">The rank counts, with nodes, for which steps and traffic are shown; at least one.</param>
    public static string ToMarkdown(IReadOnlyList<NodeMap> shapes)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Algorithms

            p ranks, n bytes: the whole data buffer, with the blocks of all ranks where there are blocks; of an all-to-all, those of one rank.
            α seconds for a message, β for a byte sent, γ for a byte reduced; lg is the logarithm to base 2, rounded down or, for trees, up. Closed
            forms let a rank send one message at a time and receive one at the same time. "+ fold" is what rank counts that are no power of two
            take more: 2 messages and what travels in them.

            Steps are the messages in a row that nothing can shorten, when all lanes of a rank work side by side. Sent is what the busiest rank sends,
            as a share of the whole buffer; in a barrier, tokens. Both are counted by the verifier, here for {string.Join(" and ", shapes.Select(Describe))}.

            Any other hierarchy can be asked for by name, inner levels first: `hierarchy:direct+ring` runs the first in every node and the second across
            nodes; `hierarchy:direct@4+direct+ring` makes groups of 4 inside nodes first. The closed form of a hierarchy is the sum of its phases, which
            follow each other, when groups are equal and their ranks neighbours: p₁ ranks make a group of the innermost level, p₂ of these groups one of
            the next or the whole, and so on; (n/p₁) is the part of the data that a phase works on, and p₂α stands where blocks travel in p₂ pieces; runs of several blocks
            that are no neighbours take more messages than it says.

            """);
        foreach (CollectiveKind collective in Enum.GetValues<CollectiveKind>())
            AppendTable(text, collective, shapes);
        return text.ToString();
    }

    private static void AppendTable(StringBuilder text, CollectiveKind collective, IReadOnlyList<NodeMap> shapes)
    {
        IReadOnlyList<AlgorithmRow>[] columns = [.. shapes.Select(shape => Rows(collective, shape))];
        text.Append(CultureInfo.InvariantCulture, $"\n## {collective.Name()}\n\n| Algorithm | Also called |");
        foreach (NodeMap shape in shapes)
            text.Append(CultureInfo.InvariantCulture, $" Steps, p = {shape.Ranks} | Sent |");
        text.Append(" Closed form | Wins for |\n|---|---|").Append(string.Concat(Enumerable.Repeat("---|---|", shapes.Count))).Append("---|---|\n");
        for (int row = 0; row < columns[0].Count; row++)
        {
            Algorithm algorithm = columns[0][row].Algorithm;
            text.Append(CultureInfo.InvariantCulture, $"| {algorithm.Name} | {string.Join(", ", algorithm.Aliases)} |");
            foreach (IReadOnlyList<AlgorithmRow> column in columns)
                text.Append(CultureInfo.InvariantCulture, $" {column[row].Report?.Steps.ToString(CultureInfo.InvariantCulture) ?? "-"} | {column[row].Sent} |");
            text.Append(CultureInfo.InvariantCulture, $" {algorithm.ClosedForm} | {algorithm.WinsFor} |\n");
        }
    }

    private static string Describe(NodeMap shape) => shape.Nodes == 1 ? $"{shape.Ranks} ranks" : $"{shape.Ranks} ranks ({shape} as nodes x ranks)";
}
