namespace HpcTrain.Topology;

/// <summary>The most weight that given trees carry together within given bandwidths: a linear programme, solved in fractions.</summary>
/// <remarks>
/// The simplex method on the dictionary of G. Dantzig, from all weights 0, with R. Bland's rule against cycles. For tens of trees and links.
/// </remarks>
internal sealed class PackingSimplex
{
    private readonly int _trees, _links;
    private readonly Rational[,] _table; // row: a basic variable as its bound less multiples of the others; the last row is the total weight
    private readonly int[] _basic, _free; // trees are 0 to _trees - 1, then what the links have left

    private PackingSimplex(IReadOnlyList<int[]> uses, IReadOnlyList<Rational> bandwidths)
    {
        (_trees, _links) = (uses.Count, bandwidths.Count);
        _table = new Rational[_links + 1, _trees + 1];
        for (int tree = 0; tree < _trees; tree++)
        {
            foreach (int link in uses[tree])
                _table[link, tree] += 1;
            _table[_links, tree] = -1;
        }

        for (int link = 0; link < _links; link++)
            _table[link, _trees] = bandwidths[link];
        _free = [.. Enumerable.Range(0, _trees)];
        _basic = [.. Enumerable.Range(_trees, _links)];
    }

    /// <summary>The weight of each tree.</summary>
    /// <param name="uses">The links that each tree uses, by number; as often as it uses them, and at least one.</param>
    /// <param name="bandwidths">What each link carries.</param>
    public static Rational[] Solve(IReadOnlyList<int[]> uses, IReadOnlyList<Rational> bandwidths)
    {
        var simplex = new PackingSimplex(uses, bandwidths);
        while (simplex.Step())
        {
        }

        var weights = new Rational[uses.Count];
        for (int row = 0; row < simplex._links; row++)
        {
            if (simplex._basic[row] < weights.Length)
                weights[simplex._basic[row]] = simplex._table[row, weights.Length];
        }

        return weights;
    }

    private bool Step()
    {
        int entering = -1, leaving = -1;
        for (int column = 0; column < _trees; column++)
        {
            if (_table[_links, column].Sign < 0 && (entering < 0 || _free[column] < _free[entering]))
                entering = column;
        }

        if (entering < 0)
            return false;
        Rational least = default;
        for (int row = 0; row < _links; row++)
        {
            if (_table[row, entering].Sign <= 0)
                continue;
            Rational ratio = _table[row, _trees] / _table[row, entering];
            if (leaving < 0 || ratio < least || (ratio == least && _basic[row] < _basic[leaving]))
                (leaving, least) = (row, ratio);
        }

        Exchange(leaving, entering);
        return true;
    }

    private void Exchange(int row, int column)
    {
        Rational inverse = 1 / _table[row, column];
        for (int c = 0; c <= _trees; c++)
            _table[row, c] = c == column ? inverse : _table[row, c] * inverse;
        for (int r = 0; r <= _links; r++)
        {
            Rational factor = _table[r, column];
            if (r == row || factor.Sign == 0)
                continue;
            for (int c = 0; c <= _trees; c++)
                _table[r, c] = c == column ? -factor * inverse : _table[r, c] - (factor * _table[row, c]);
        }

        (_basic[row], _free[column]) = (_free[column], _basic[row]);
    }
}
