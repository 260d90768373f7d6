namespace HpcTrain.Topology;

/// <summary>The <c>system</c> of an NCCL topology file, on its way to a link graph.</summary>
internal sealed class NcclSystem
{
    private const string BridgeToCpu = "0x068001";

    private readonly XmlPlace _system;
    private readonly GraphAssembly _graph = new();
    private readonly List<Cpu> _cpus = [];
    private readonly List<Gpu> _gpus = [];
    private readonly Dictionary<int, int> _nvSwitches = [];
    private readonly List<(int Node, Rational Rate)> _ports = [];
    private readonly bool _byClass;
    private int _nics;

    public NcclSystem(XmlPlace system)
    {
        _system = system;
        _byClass = !system.Descendants.Any(place => place.Name == "gpu");
        string[] boxes = [.. system.Elements("cpu").Select(cpu => cpu.Optional("host_hash") ?? "").Distinct()];
        Boxes = boxes.Length;
        foreach (XmlPlace cpu in system.Elements("cpu"))
            _cpus.Add(new(cpu, Array.IndexOf(boxes, cpu.Optional("host_hash") ?? "")));
    }

    private int Boxes { get; }

    public LinkGraph ToGraph(string name)
    {
        if (_cpus.Count == 0)
            throw _system.Wrong("<cpu> is expected inside <system>");
        foreach (Cpu cpu in _cpus)
            FindGpus(cpu.Place, cpu);
        if (_gpus.Count == 0)
            throw _system.Wrong("There is no GPU in <system>");
        CheckTwins();
        NameGpus();
        foreach (Cpu cpu in _cpus)
        {
            cpu.Node = _graph.Add(NodeKind.Host, Named(cpu.Box, $"numa{cpu.Place.Integer("numaid")}"), cpu.Box);
            foreach (XmlPlace device in cpu.Place.Elements("pci"))
                AddPci(device, cpu.Node, cpu.Box);
            foreach (XmlPlace nic in cpu.Place.Elements("nic"))
                AddNic(nic, [nic], cpu.Node, cpu.Box, null);
        }

        ConnectCpus();
        ConnectGpus();
        ConnectBoxes();
        return _graph.ToGraph(name);
    }

    // What is there twice would have its links twice. Several <gpu> in one <pci> are parts of a GPU.
    private void CheckTwins()
    {
        var numa = new HashSet<(int Box, int Number)>();
        foreach (Cpu cpu in _cpus)
        {
            if (!numa.Add((cpu.Box, cpu.Place.Integer("numaid"))))
                throw cpu.Place.Wrong($"There is another <cpu> with numaid=\"{cpu.Place["numaid"]}\"; those of other hosts have another host_hash");
        }

        foreach (IGrouping<(int Box, long Bus), Gpu> twins in _gpus.GroupBy(gpu => (gpu.Cpu.Box, gpu.Bus)))
        {
            if (twins.FirstOrDefault(gpu => gpu.Pci != twins.First().Pci) is { } second)
                throw second.Pci.Wrong($"There is another <pci> with busid=\"{second.Pci["busid"]}\" in line {twins.First().Pci.Line}");
        }
    }

    private string Named(int box, string name) => Boxes == 1 ? name : $"box{box}.{name}";

    private void FindGpus(XmlPlace place, Cpu cpu)
    {
        foreach (XmlPlace pci in place.Elements("pci"))
        {
            if (_byClass && NcclDevice.IsGpuClass(pci.Optional("class")))
                _gpus.Add(new(pci, null, cpu));
            _gpus.AddRange(pci.Elements("gpu").Select(gpu => new Gpu(pci, gpu, cpu)));
            FindGpus(pci, cpu);
        }
    }

    private void NameGpus()
    {
        bool ranked = _gpus.All(gpu => gpu.Place?.Optional("rank") != null), numbered = _gpus.All(gpu => gpu.Place?.Optional("dev") != null);
        string number = ranked ? "rank" : "dev";
        Gpu[] order = [.. ranked || numbered ? _gpus.OrderBy(gpu => ranked ? 0 : gpu.Cpu.Box).ThenBy(gpu => gpu.Place!.Integer(number)) : _gpus.AsEnumerable()];
        bool byDevice = numbered && _gpus.DistinctBy(gpu => (gpu.Cpu.Box, gpu.Place!["dev"])).Count() == _gpus.Count;
        for (int i = 0; i < order.Length; i++)
            order[i].Node = _graph.Add(NodeKind.Rank, Named(order[i].Cpu.Box, $"gpu{(byDevice ? order[i].Place!.Integer("dev") : i)}"), order[i].Cpu.Box);
    }

    private void AddPci(XmlPlace pci, int above, int box)
    {
        Gpu[] gpus = [.. _gpus.Where(gpu => gpu.Cpu.Box == box && gpu.Bus == NcclDevice.BusId(pci, "busid"))];
        (Rational rate, string link) = NcclDevice.PcieLink(pci);
        foreach (Gpu gpu in gpus)
            _graph.Connect(above, gpu.Node, rate, link);
        if (gpus.Length > 0)
            return;
        if (NcclDevice.IsNic(pci))
        {
            AddNic(pci, [.. pci.Elements("nic")], above, box, (rate, link));
        }
        else if (HasDevice(pci))
        {
            int bridge = _graph.Add(NodeKind.Switch, Named(box, $"pci {pci["busid"]}"), box);
            _graph.Connect(above, bridge, rate, link);
            foreach (XmlPlace device in pci.Elements("pci"))
                AddPci(device, bridge, box);
        }
    }

    // Bridges with nothing behind them but disks carry nothing.
    private bool HasDevice(XmlPlace bridge) => bridge.Elements("pci").Any(pci =>
        NcclDevice.IsNic(pci) || (_byClass ? NcclDevice.IsGpuClass(pci.Optional("class")) : pci.Elements("gpu").Any()) || HasDevice(pci));

    // A NIC passes no more than its ports, and no more than PCIe.
    private void AddNic(XmlPlace device, XmlPlace[] nics, int above, int box, (Rational Rate, string Name)? pcie)
    {
        XmlPlace[] ports = [.. nics.SelectMany(NcclDevice.Ports)];
        if (ports.Length == 0 && device.Elements("nic").Any())
            return;
        Rational? network = ports.Length == 0 ? null : ports.Aggregate(Rational.Zero, (sum, port) => sum + NcclDevice.PortRate(port));
        Rational rate = pcie == null ? network ?? Rational.Zero : network == null ? pcie.Value.Rate : Rational.Min(network.Value, pcie.Value.Rate);
        if (rate.Sign == 0)
            return;
        string name = (ports.Length == 0 ? null : ports[0].Optional("name")) ?? $"nic{_nics}";
        _nics++;
        int node = _graph.Add(NodeKind.Nic, Named(box, name), box);
        _graph.Connect(above, node, rate, pcie?.Name ?? "network");
        if (network is { } speed)
            _ports.Add((node, speed));
    }

    private void ConnectCpus()
    {
        for (int a = 0; a < _cpus.Count; a++)
        {
            for (int b = a + 1; b < _cpus.Count; b++)
            {
                if (_cpus[a].Box == _cpus[b].Box)
                    _graph.Connect(_cpus[a].Node, _cpus[b].Node, Rational.Min(_cpus[a].Between, _cpus[b].Between), "SMP");
            }
        }
    }

    // GPUs name the links to each other from both sides; where a file lacks one side, the other stands for it. Targets that the file does not
    // have are GPUs that the job did not get.
    private void ConnectGpus()
    {
        Dictionary<(int Box, long Bus), Gpu> byBus = _gpus.DistinctBy(gpu => (gpu.Cpu.Box, gpu.Bus)).ToDictionary(gpu => (gpu.Cpu.Box, gpu.Bus));
        var counts = new Dictionary<(Gpu From, Gpu To), (int Links, bool IsXgmi)>();
        foreach (Gpu gpu in byBus.Values)
        {
            foreach (XmlPlace link in gpu.Place?.Children ?? [])
            {
                if (link.Name == "c2c")
                    _graph.Connect(gpu.Node, gpu.Cpu.Node, new Rational(link.Count("count"), 1000) * link.Count("bw"), "C2C");
                if (link.Name is not ("nvlink" or "xgmi"))
                    continue;
                int count = link.Count("count");
                if (link.Optional("tclass") is { } target && !NcclDevice.IsGpuClass(target))
                    _graph.Connect(gpu.Node, target == BridgeToCpu ? gpu.Cpu.Node : NvSwitch(gpu.Cpu.Box), gpu.LinkRate(false) * count, $"NV{count}");
                else if (byBus.TryGetValue((gpu.Cpu.Box, NcclDevice.BusId(link, "target")), out Gpu? peer))
                    counts[(gpu, peer)] = (counts.GetValueOrDefault((gpu, peer)).Links + count, link.Name == "xgmi");
            }
        }

        foreach (((Gpu from, Gpu to), (int links, bool isXgmi)) in counts)
        {
            string name = isXgmi ? $"xGMI x{links}" : $"NV{links}";
            _graph.ConnectOneWay(from.Node, to.Node, from.LinkRate(isXgmi) * links, name);
            if (!counts.ContainsKey((to, from)))
                _graph.ConnectOneWay(to.Node, from.Node, from.LinkRate(isXgmi) * links, name);
        }
    }

    private int NvSwitch(int box)
    {
        if (!_nvSwitches.TryGetValue(box, out int node))
            _nvSwitches[box] = node = _graph.Add(NodeKind.Switch, Named(box, "nvswitch"), box);
        return node;
    }

    private void ConnectBoxes()
    {
        if (Boxes == 1 || _ports.Count == 0)
            return;
        int network = _graph.Add(NodeKind.Switch, "network", -1);
        foreach ((int node, Rational rate) in _ports)
            _graph.Connect(node, network, rate, "network");
    }

    private sealed class Cpu(XmlPlace place, int box)
    {
        public XmlPlace Place => place;

        public int Box => box;

        public int Node { get; set; }

        public Rational Between =>
            LinkRates.BetweenCpus(place.Optional("arch") ?? "", place.Optional("vendor") ?? "", place.Integer("familyid", 0), place.Integer("modelid", 0));
    }

    private sealed class Gpu(XmlPlace pci, XmlPlace? place, Cpu cpu)
    {
        public XmlPlace Pci => pci;

        public XmlPlace? Place => place;

        public Cpu Cpu => cpu;

        public long Bus { get; } = NcclDevice.BusId(pci, "busid");

        public int Node { get; set; }

        public Rational LinkRate(bool isXgmi) => isXgmi ? LinkRates.Xgmi(place!.Optional("gcn") ?? "") : LinkRates.NvLink(place!.Integer("sm", 0));
    }
}
