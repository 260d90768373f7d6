namespace HpcTrain.Topology;

/// <summary>
/// The table of <c>nvidia-smi topo -m</c> as a whole, on its way to a link graph.
///
/// The tree of PCIe follows from the labels by levels: devices that share a switch are one class, classes that share a tree of switches are one, and so on up
/// to hosts. A class of several devices becomes a node. NVLink hides what two GPUs share, but what each of them shares with a NIC tells it.
/// </summary>
internal sealed class DeviceMatrix
{
    // No GPU has more NVLinks than this. Where the cells of a row add up to more, each of them counts the same links, which go to an NVSwitch.
    private const int MostNvLinks = 18;

    private readonly string _file;
    private readonly DeviceRow?[] _rows;
    private readonly string[] _names;
    private readonly int[] _gpus;

    public DeviceMatrix(IReadOnlyList<DeviceRow> rows, string[] header, Dictionary<string, string> names, string file)
    {
        _file = file;
        int columns = rows[0].Cells.Length;
        _rows = new DeviceRow?[columns];
        foreach (DeviceRow row in rows)
        {
            if (row.Cells.Length != columns)
                throw Wrong(row, $"The row of {row.Device} has {row.Cells.Length} cells, but that of {rows[0].Device} has {columns}");
            if (_rows[row.Self] is { } twin)
                throw Wrong(row, $"The rows of {twin.Device} and {row.Device} have their X in the same column");
            if (rows.First(other => other.Device == row.Device) is var first && first != row)
                throw Wrong(row, $"There is a second row of {row.Device}; the first is in line {first.Line}");
            _rows[row.Self] = row;
        }

        string Column(int column) => _rows[column]?.Device ?? (header.Length == columns ? header[column] : $"column{column}");
        string[] devices = [.. Enumerable.Range(0, columns).Select(Column)];
        _names = [.. devices.Select(device => names.GetValueOrDefault(device, device))];
        _gpus = [.. Enumerable.Range(0, columns).Where(column => devices[column].StartsWith("GPU", StringComparison.Ordinal))];
        if (_gpus.Length == 0)
            throw Wrong(rows[0], "There is no row of a GPU");
        if (_gpus.FirstOrDefault(gpu => _rows[gpu] == null, -1) is var missing && missing >= 0)
            throw Wrong(rows[0], $"There is no row of {devices[missing]}, which the header names");
        CheckSymmetry();
    }

    public LinkGraph ToGraph()
    {
        var graph = new GraphAssembly();
        int[] nodes = [.. _names.Select((name, column) => _gpus.Contains(column) ? graph.Add(NodeKind.Rank, name.ToLowerInvariant()) : graph.Add(NodeKind.Nic, name))];
        ConnectNvLinks(graph, nodes);
        ConnectPcie(graph, nodes);
        return graph.ToGraph(_file);
    }

    private void CheckSymmetry()
    {
        foreach (DeviceRow row in _rows.OfType<DeviceRow>())
        {
            for (int column = 0; column < _rows.Length; column++)
            {
                if ((row.Cells[column] == "X") != (column == row.Self))
                    throw Wrong(row, $"The row of {row.Device} has more than one X");
                if (_rows[column] is { } other && Plain(row.Cells[column]) != Plain(other.Cells[row.Self]))
                    throw Wrong(row, $"{row.Device} is connected to {other.Device} by {row.Cells[column]}, but line {other.Line} says {other.Cells[row.Self]}");
            }
        }
    }

    private void ConnectNvLinks(GraphAssembly graph, int[] nodes)
    {
        int Links(int a, int b) => NvidiaSmiTopoReader.NvLinks(Cell(a, b)!);
        if (_gpus.Max(gpu => _gpus.Sum(other => Links(gpu, other))) > MostNvLinks)
        {
            int nvSwitch = graph.Add(NodeKind.Switch, "nvswitch");
            foreach (int gpu in _gpus)
            {
                if (_gpus.Max(other => Links(gpu, other)) is var links && links > 0)
                    graph.Connect(nodes[gpu], nvSwitch, LinkRates.NvLinkUsual * links, $"NV{links}");
            }

            return;
        }

        foreach (int a in _gpus)
        {
            foreach (int b in _gpus.Where(b => b > a && Links(a, b) > 0))
                graph.Connect(nodes[a], nodes[b], LinkRates.NvLinkUsual * Links(a, b), Cell(a, b)!);
        }
    }

    private void ConnectPcie(GraphAssembly graph, int[] nodes)
    {
        LinkRates.TryPcie(LinkRates.PcieUsualTransfers, LinkRates.PcieUsualLanes, out Rational rate, out string pcie);
        int[] near = Classes(Sharing.Switch), far = Classes(Sharing.Switches), hosts = Classes(Sharing.Host);
        var made = new Dictionary<(Sharing Level, int Class), int>();
        var linked = new HashSet<int>();
        for (int column = 0; column < nodes.Length; column++)
        {
            int node = nodes[column];
            if (near.Count(other => other == near[column]) > 1)
                node = Above(node, Sharing.Switch, near[column]);
            if (far.Count(other => other == far[column]) > near.Count(other => other == near[column]))
                node = Above(node, Sharing.Switches, far[column]);
            Above(node, Sharing.Host, hosts[column]);
        }

        int[] all = [.. made.Where(pair => pair.Key.Level == Sharing.Host).Select(pair => pair.Value)];
        for (int a = 0; a < all.Length; a++)
        {
            for (int b = a + 1; b < all.Length; b++)
                graph.Connect(all[a], all[b], LinkRates.BetweenCpusUsual, "SMP");
        }

        // Links a node to the one above it, once.
        int Above(int node, Sharing level, int members)
        {
            if (!made.TryGetValue((level, members), out int above))
            {
                int number = made.Keys.Count(key => key.Level == level);
                made[(level, members)] = above = level == Sharing.Host
                    ? graph.Add(NodeKind.Host, $"host{number}")
                    : graph.Add(NodeKind.Switch, level == Sharing.Switch ? $"pcie{number}" : $"pcie-tree{number}");
            }

            if (linked.Add(node))
                graph.Connect(node, above, rate, pcie);
            return above;
        }
    }

    // The class of each device at a level: the lowest column in it. GPUs whose NVLinks hide where they are share a host if their CPU affinity is the same, unless a
    // label says otherwise of those near them.
    private int[] Classes(Sharing level)
    {
        int[] classes = [.. Enumerable.Range(0, _rows.Length)];
        MergeWhere((a, b) => Level(a, b) <= level);
        if (level == Sharing.Host)
            MergeWhere((a, b) => HaveSameAffinity(a, b) && Members(a).All(one => Members(b).All(other => Level(one, other) != Sharing.Machine)));
        return classes;

        int[] Members(int column) => [.. Enumerable.Range(0, classes.Length).Where(other => classes[other] == classes[column])];

        void MergeWhere(Func<int, int, bool> condition)
        {
            for (int a = 0; a < classes.Length; a++)
            {
                for (int b = 0; b < a; b++)
                {
                    if (classes[a] != classes[b] && condition(a, b))
                        Merge(a, b);
                }
            }
        }

        void Merge(int a, int b)
        {
            (int low, int high) = (Math.Min(classes[a], classes[b]), Math.Max(classes[a], classes[b]));
            for (int i = 0; i < classes.Length; i++)
                classes[i] = classes[i] == high ? low : classes[i];
        }
    }

    private Sharing Level(int a, int b)
    {
        Sharing level = Sharing.Unknown;
        if (Cell(a, b) is { } cell)
            DeviceRow.TryLevel(cell, out level);
        return level;
    }

    private bool HaveSameAffinity(int a, int b) =>
        _rows[a] is { IsGpu: true, Affinity.Length: > 0 } one && _rows[b] is { IsGpu: true } other && one.Affinity == other.Affinity;

    private string? Cell(int a, int b) => _rows[a]?.Cells[b] ?? _rows[b]?.Cells[a];

    private static string Plain(string cell) => cell == "SOC" ? "SYS" : cell;

    private TopologyException Wrong(DeviceRow row, string what) => new(_file, row.Line, $"{what}.");
}
