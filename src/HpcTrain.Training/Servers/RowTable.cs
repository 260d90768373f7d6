using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace HpcTrain.Training.Servers;

/// <summary>
/// A table of rows, as an embedding's, that no rank has whole: row r is on server r mod n, so that neighbouring rows, of which some are asked for much more often than
/// others, are on different ones. A rank pulls the rows that its batch needs and pushes their gradients; what travels is indices and rows, 4 + 4 w bytes for a row of w elements each
/// way. Servers step a row when its gradient comes (<see cref="RowOptimizer"/>). Made by <see cref="ParameterServer.AddTable"/>; calls are the training thread's.
/// </summary>
public sealed class RowTable
{
    private readonly ParameterServer _server;
    private readonly int _id;
    private readonly int _ranks;
    private readonly List<int>[] _places;

    internal RowTable(ParameterServer server, int id, int rows, int width, int ranks, RowShard shard)
    {
        (_server, _id, Rows, Width, _ranks, Shard) = (server, id, rows, width, ranks, shard);
        _places = [.. Enumerable.Range(0, ranks).Select(_ => new List<int>())];
    }

    /// <summary>Rows of the whole table.</summary>
    public int Rows { get; }

    /// <summary>Elements of a row.</summary>
    public int Width { get; }

    /// <summary>
    /// The rows that are here ("values") and the state of their optimizer, by name. The arrays are live: while the servers have settled, reading saves them, and writing restores them. They are
    /// this rank's; to continue takes those of every rank, and as many ranks.
    /// </summary>
    public IReadOnlyDictionary<string, float[]> State => Shard.State;

    /// <summary>The rows that are here.</summary>
    internal RowShard Shard { get; }

    /// <summary>Fetches rows.</summary>
    /// <param name="rows">Which; one may be asked for several times, and travels once for each.</param>
    /// <param name="values">Room for them, one after the other.</param>
    /// <exception cref="ArgumentException">A row is not in the table, or there is too little room.</exception>
    /// <exception cref="ServerException">A server does not answer.</exception>
    public void Pull(ReadOnlySpan<int> rows, Span<float> values)
    {
        Check(rows, values.Length);
        Divide(rows);
        for (var rank = 0; rank < _ranks; rank++)
        {
            _server.AskForRows(_id, rank, Locals(rows, rank));
        }

        var answers = _server.TakeRows(_id);
        for (var rank = 0; rank < _ranks; rank++)
        {
            var answer = answers[rank].AsSpan();
            for (var i = 0; i < _places[rank].Count; i++)
            {
                answer.Slice(i * Width, Width).CopyTo(values[(_places[rank][i] * Width)..]);
            }
        }
    }

    /// <summary>Hands gradients of rows to the servers, and waits until these have stepped. Gradients of a row that is there several times are added first.</summary>
    /// <param name="rows">Which.</param>
    /// <param name="gradients">Their gradients, one after the other.</param>
    /// <param name="rate">The learning rate.</param>
    /// <exception cref="ArgumentException">A row is not in the table, or there are too few gradients.</exception>
    /// <exception cref="ServerException">A server does not answer.</exception>
    public void Push(ReadOnlySpan<int> rows, ReadOnlySpan<float> gradients, double rate)
    {
        Check(rows, gradients.Length);
        var (distinct, sums) = AddUp(rows, gradients);
        Divide(distinct);
        for (var rank = 0; rank < _ranks; rank++)
        {
            var mine = new float[_places[rank].Count * Width];
            for (var i = 0; i < _places[rank].Count; i++)
            {
                sums.AsSpan(_places[rank][i] * Width, Width).CopyTo(mine.AsSpan(i * Width));
            }

            _server.HandRows(_id, rank, Locals(distinct, rank), mine, rate);
        }

        _server.WaitForRowsTaken(_id);
    }

    private (int[] Rows, float[] Sums) AddUp(ReadOnlySpan<int> rows, ReadOnlySpan<float> gradients)
    {
        var places = new Dictionary<int, int>(rows.Length);
        var (distinct, sums) = (new List<int>(rows.Length), new float[rows.Length * Width]);
        for (var i = 0; i < rows.Length; i++)
        {
            if (!places.TryGetValue(rows[i], out var place))
            {
                places[rows[i]] = place = distinct.Count;
                distinct.Add(rows[i]);
            }

            var sum = sums.AsSpan(place * Width, Width);
            TensorPrimitives.Add(sum, gradients.Slice(i * Width, Width), sum);
        }

        return ([.. distinct], sums);
    }

    private void Divide(ReadOnlySpan<int> rows)
    {
        foreach (var places in _places)
        {
            places.Clear();
        }

        for (var i = 0; i < rows.Length; i++)
        {
            _places[rows[i] % _ranks].Add(i);
        }
    }

    private int[] Locals(ReadOnlySpan<int> rows, int rank)
    {
        var locals = new int[_places[rank].Count];
        for (var i = 0; i < locals.Length; i++)
        {
            locals[i] = rows[_places[rank][i]] / _ranks;
        }

        return locals;
    }

    private void Check(ReadOnlySpan<int> rows, int elements)
    {
        if (elements < (long)rows.Length * Width)
        {
            throw new ArgumentException($"{rows.Length} rows of {Width} elements do not fit {elements}");
        }

        foreach (var row in rows)
        {
            if ((uint)row >= (uint)Rows)
            {
                throw new ArgumentException($"row {row} of a table with {Rows} rows: they count from 0");
            }
        }
    }
}

/// <summary>A server's rows of a table. One thread at a time calls it.</summary>
internal sealed class RowShard
{
    private readonly float[] _values;
    private readonly int _width;
    private readonly RowOptimizer _optimizer;

    /// <param name="rows">Rows that are here.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="optimizer">Their optimizer.</param>
    /// <param name="initial">The first value of an element, from its row here and its place in the row.</param>
    public RowShard(int rows, int width, RowOptimizer optimizer, Func<int, int, float> initial)
    {
        (_values, _width, _optimizer) = (new float[checked(rows * width)], width, optimizer);
        for (var i = 0; i < _values.Length; i++)
        {
            _values[i] = initial(i / width, i % width);
        }

        optimizer.Prepare(rows, width);
    }

    /// <summary>The rows and the state of their optimizer, live.</summary>
    public IReadOnlyDictionary<string, float[]> State => new Dictionary<string, float[]>(_optimizer.State) { ["values"] = _values };

    /// <summary>The rows of a request, which is indices.</summary>
    public float[] Read(ReadOnlySpan<byte> request)
    {
        var indices = MemoryMarshal.Cast<byte, int>(request);
        var rows = new float[indices.Length * _width];
        for (var i = 0; i < indices.Length; i++)
        {
            _values.AsSpan(indices[i] * _width, _width).CopyTo(rows.AsSpan(i * _width));
        }

        return rows;
    }

    /// <summary>Steps by the gradients of a message: indices, then gradients of as many rows.</summary>
    public void Step(ReadOnlySpan<byte> message, int rows, double rate)
    {
        var indices = MemoryMarshal.Cast<byte, int>(message[..(rows * sizeof(int))]);
        var gradients = MemoryMarshal.Cast<byte, float>(message[(rows * sizeof(int))..]);
        for (var i = 0; i < rows; i++)
        {
            _optimizer.Step(indices[i], _values.AsSpan(indices[i] * _width, _width), gradients.Slice(i * _width, _width), rate);
        }
    }
}
