using HpcTrain.Benchmarking.Reports;

namespace HpcTrain.Benchmarking;

/// <summary>The keys of a row of the results, in JSON and CSV alike.</summary>
public static class BenchmarkColumns
{
    /// <summary>Names and what they mean, in the order of the files.</summary>
    public static IEnumerable<(string Name, string Meaning)> All => RowColumn.All.Select(column => (column.Name, column.Meaning));
}
