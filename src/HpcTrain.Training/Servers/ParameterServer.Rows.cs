using System.Globalization;
using System.Runtime.InteropServices;

namespace HpcTrain.Training.Servers;

/// <content>Tables of rows: all ranks serve some, whatever shares the flat parameters.</content>
public sealed unsafe partial class ParameterServer
{
    private readonly List<(RowShard Shard, RowAnswers Answers)> _tables = [];

    /// <summary>Adds a table of rows, on all ranks alike and in the same order, before anything is exchanged.</summary>
    /// <param name="rows">Rows of the whole table.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="optimizer">The optimizer of the rows that are here; it belongs to the table.</param>
    /// <param name="initial">The first value of an element, from its row in the whole table and its place in the row.</param>
    public RowTable AddTable(int rows, int width, RowOptimizer optimizer, Func<int, int, float> initial)
    {
        var ranks = _transport.Size;
        var here = (rows + ranks - 1 - _transport.Rank) / ranks;
        var shard = new RowShard(here, width, optimizer, (row, place) => initial((row * ranks) + _transport.Rank, place));
        _tables.Add((shard, new RowAnswers(ranks)));
        return new RowTable(this, _tables.Count - 1, rows, width, ranks, shard);
    }

    /// <summary>Asks a server for rows.</summary>
    internal void AskForRows(int table, int rank, int[] rows)
    {
        Resume();
        _tables[table].Answers.Expect(rank);
        _pump.Post(() => _pump.Send(rank, new() { Kind = MessageKind.PullRows, Table = table, Rows = rows.Length }, MemoryMarshal.AsBytes<int>(rows)));
    }

    /// <summary>Waits for the rows that all servers were asked for.</summary>
    internal float[][] TakeRows(int table)
    {
        var answers = _tables[table].Answers;
        _pump.WaitFor(answers.AreAll, () => WhoWaitsForRows(table, "rows"));
        return answers.Rows;
    }

    /// <summary>Hands a server gradients of rows.</summary>
    internal void HandRows(int table, int rank, int[] rows, float[] gradients, double rate)
    {
        Resume();
        _tables[table].Answers.Expect(rank);
        byte[] payload = [.. MemoryMarshal.AsBytes<int>(rows), .. MemoryMarshal.AsBytes<float>(gradients)];
        _pump.Post(() => _pump.Send(rank, new() { Kind = MessageKind.PushRows, Table = table, Rows = rows.Length, Rate = rate }, payload));
    }

    /// <summary>Waits until all servers have stepped the rows that they were handed.</summary>
    internal void WaitForRowsTaken(int table) => _pump.WaitFor(_tables[table].Answers.AreAll, () => WhoWaitsForRows(table, "gradients of rows"));

    private string WhoWaitsForRows(int table, string what) => string.Create(CultureInfo.InvariantCulture,
        $"rank {_transport.Rank} waits for rank {string.Join(", ", _tables[table].Answers.Missing())} to answer for {what} of table {table}");

    /// <summary>What servers have answered for a table: the pump's thread writes, and the training thread reads what it has waited for.</summary>
    private sealed class RowAnswers(int ranks)
    {
        private readonly bool[] _expected = new bool[ranks];

        public float[][] Rows { get; } = new float[ranks][];

        public void Expect(int rank) => Volatile.Write(ref _expected[rank], true);

        public void Take(int rank, ReadOnlySpan<float> rows)
        {
            Rows[rank] = rows.ToArray();
            Volatile.Write(ref _expected[rank], false);
        }

        public bool AreAll() => !_expected.Contains(true);

        public IEnumerable<int> Missing() => _expected.Index().Where(e => e.Item).Select(e => e.Index);
    }
}
