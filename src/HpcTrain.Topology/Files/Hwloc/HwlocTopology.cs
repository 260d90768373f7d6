using System.Globalization;

namespace HpcTrain.Topology;

/// <summary>The <c>topology</c> of an hwloc file, on its way to a link graph.</summary>
internal sealed class HwlocTopology
{
    private readonly XmlPlace _topology;
    private readonly GraphAssembly _graph = new();
    private readonly Dictionary<string, int> _gpus = [];
    private readonly Dictionary<string, int> _byIndex = [];
    private readonly Func<XmlPlace, bool> _isGpu;
    private readonly List<int> _hosts = [];
    private int _nvSwitch = -1;

    public HwlocTopology(XmlPlace topology)
    {
        _topology = topology;
        XmlPlace[] devices = [.. topology.Descendants.Where(place => HwlocDevice.IsObject(place, "PCIDev"))];
        bool named = devices.Any(device => HwlocDevice.GpuNumber(device) >= 0);
        _isGpu = named ? device => HwlocDevice.GpuNumber(device) >= 0 : HwlocDevice.LooksLikeGpu;
        XmlPlace[] gpus = [.. devices.Where(_isGpu).OrderBy(HwlocDevice.GpuNumber)];
        if (gpus.Length == 0)
            throw topology.Wrong("There is no GPU in <topology>; if the machine has some, run lstopo with --whole-io and the plugins of hwloc for its GPUs");
        for (int rank = 0; rank < gpus.Length; rank++)
        {
            int node = _graph.Add(NodeKind.Rank, $"gpu{rank}");
            if (!_gpus.TryAdd(gpus[rank]["pci_busid"], node))
                throw gpus[rank].Wrong($"There are two devices {gpus[rank]["pci_busid"]}");
        }
    }

    public LinkGraph ToGraph(string name)
    {
        foreach (XmlPlace place in _topology.Children)
            Visit(place);
        Rational between = BetweenHosts();
        for (int a = 0; a < _hosts.Count; a++)
        {
            for (int b = a + 1; b < _hosts.Count; b++)
                _graph.Connect(_hosts[a], _hosts[b], between, "SMP");
        }

        foreach (XmlPlace matrix in _topology.Children.Where(place => place.Name is "distances2" or "distances2hetero"))
        {
            if (matrix.Optional("name") is "NVLinkBandwidth" or "XGMIBandwidth")
                ConnectGpus(matrix);
        }

        return _graph.ToGraph(name);
    }

    // Whatever has bridges or PCI devices directly inside is a host, if there are GPUs or NICs behind them.
    private void Visit(XmlPlace place)
    {
        XmlPlace[] inside = [.. place.Children.Where(child => child.Name == "object")];
        if (inside.Any(child => IsPci(child) && HasDevice(child)))
        {
            string index = place.Optional("os_index") ?? place.Optional("gp_index") ?? $"{_hosts.Count}";
            int host = _graph.Add(NodeKind.Host, $"{place["type"].ToLowerInvariant()}{index}");
            _hosts.Add(host);
            foreach (XmlPlace device in inside.Where(IsPci))
                AddPci(device, host);
        }

        foreach (XmlPlace child in inside.Where(child => !IsPci(child)))
            Visit(child);
    }

    private void AddPci(XmlPlace pci, int above)
    {
        bool isHostBridge = pci.Optional("bridge_type")?.StartsWith("0-", StringComparison.Ordinal) == true;
        (Rational rate, string link) = HwlocDevice.Link(pci);
        if (HwlocDevice.IsObject(pci, "Bridge"))
        {
            if (!HasDevice(pci))
                return;
            int bridge = above;
            if (!isHostBridge)
            {
                bridge = _graph.Add(NodeKind.Switch, $"pci {pci["pci_busid"]}");
                _graph.Connect(above, bridge, rate, link);
            }

            foreach (XmlPlace device in pci.Children.Where(IsPci))
                AddPci(device, bridge);
        }
        else if (_isGpu(pci))
        {
            int gpu = _gpus[pci["pci_busid"]];
            _graph.Connect(above, gpu, rate, link);
            Remember(pci, gpu);
            foreach (XmlPlace device in HwlocDevice.Names(pci))
                Remember(device, gpu);
        }
        else if (HwlocDevice.NicName(pci) is { } name)
        {
            _graph.Connect(above, _graph.Add(NodeKind.Nic, name), rate, link);
        }
    }

    private bool HasDevice(XmlPlace pci) => HwlocDevice.IsObject(pci, "Bridge")
        ? pci.Children.Any(child => IsPci(child) && HasDevice(child)) : _isGpu(pci) || HwlocDevice.NicName(pci) != null;

    private static bool IsPci(XmlPlace place) => HwlocDevice.IsObject(place, "Bridge") || HwlocDevice.IsObject(place, "PCIDev");

    private void Remember(XmlPlace place, int node)
    {
        if (place.Optional("gp_index") is { } index)
            _byIndex[index] = node;
    }

    private Rational BetweenHosts()
    {
        Dictionary<string, string> about = _topology.Descendants.Where(place => place.Name == "info").DistinctBy(info => info.Optional("name") ?? "")
            .ToDictionary(info => info.Optional("name") ?? "", info => info.Optional("value") ?? "");
        int Number(string name) => int.TryParse(about.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        string architecture = about.GetValueOrDefault("Architecture", "") switch { "aarch64" => "arm64", "ppc64le" => "ppc64", var other => other };
        return LinkRates.BetweenCpus(architecture, about.GetValueOrDefault("CPUVendor", ""), Number("CPUFamilyNumber"), Number("CPUModelNumber"));
    }

    // A square matrix in MB/s over objects, which are named by gp_index. What is no GPU is a port of the NVSwitch; the diagonal means nothing.
    private void ConnectGpus(XmlPlace matrix)
    {
        int size = matrix.Count("nbobjs");
        string[] indexes = [.. Words(matrix, "indexes").Select(word => word[(word.IndexOf(':', StringComparison.Ordinal) + 1)..])];
        string[] values = [.. Words(matrix, "u64values")];
        if (indexes.Length != size || values.Length != size * size)
            throw matrix.Wrong($"{size} indexes and {size * size} values are expected in <{matrix.Name}>, but {indexes.Length} and {values.Length} found");
        string name = matrix.Optional("name") == "XGMIBandwidth" ? "xGMI" : "NVLink";
        for (int a = 0; a < size; a++)
        {
            for (int b = 0; b < size; b++)
            {
                if (!long.TryParse(values[(a * size) + b], NumberStyles.None, CultureInfo.InvariantCulture, out long megabytes))
                    throw matrix.Wrong($"'{values[(a * size) + b]}' in <{matrix.Name}> is not a number of MB/s");
                (int from, int to) = (Node(indexes[a]), Node(indexes[b]));
                if (from != to && megabytes > 0)
                    _graph.ConnectOneWay(from, to, new(megabytes, 1000), name);
            }
        }
    }

    private int Node(string index)
    {
        if (_byIndex.TryGetValue(index, out int node))
            return node;
        if (_nvSwitch < 0)
            _nvSwitch = _graph.Add(NodeKind.Switch, "nvswitch");
        return _nvSwitch;
    }

    private static IEnumerable<string> Words(XmlPlace matrix, string tag) =>
        matrix.Elements(tag).SelectMany(element => element.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
