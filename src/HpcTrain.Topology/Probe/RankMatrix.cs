namespace HpcTrain.Topology;

/// <summary>A number for each pair of ranks, by sender and receiver.</summary>
public sealed class RankMatrix
{
    private readonly double[] _values;

    /// <summary>Takes the numbers from a function, which is not asked for a rank and itself.</summary>
    public RankMatrix(int ranks, Func<int, int, double> value)
    {
        (Ranks, _values) = (ranks, new double[ranks * ranks]);
        for (int from = 0; from < ranks; from++)
        {
            for (int to = 0; to < ranks; to++)
                _values[(from * ranks) + to] = from == to ? 0 : value(from, to);
        }
    }

    /// <summary>The number of ranks.</summary>
    public int Ranks { get; }

    /// <summary>The number of a pair; 0 for a rank and itself.</summary>
    public double this[int from, int to] => _values[(from * Ranks) + to];
}
