namespace HpcTrain.Topology;

/// <summary>
/// Reads the topology files of NCCL and RCCL: what they write to <c>NCCL_TOPO_DUMP_FILE</c>, and what clouds ship for <c>NCCL_TOPO_FILE</c>.
///
/// Every NUMA node becomes a host, every PCI bridge with a device behind it a switch, every network device a NIC, and every GPU a rank, in the order of
/// <c>rank</c>, else of <c>dev</c>, else of the file. A file without <c>gpu</c> elements, as clouds ship them, has its GPUs and NICs by
/// their PCI class. All NVSwitches of a box are one switch. Where a file has several boxes (<c>host_hash</c>), their NICs meet in one switch.
/// Rates follow from <c>link_speed</c> and <c>link_width</c>, from the number of NVLink and xGMI links and the GPU's generation, from <c>bw</c> of C2C links and from
/// <c>speed</c> of NICs.
/// </summary>
public static class NcclTopoXmlReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="text">What stands in it.</param>
    /// <param name="name">What it is called: in errors, and the graph.</param>
    /// <exception cref="TopologyException">It is not XML, or not of this form: the message names the line and what was expected.</exception>
    public static LinkGraph Read(string text, string name)
    {
        XmlPlace root = XmlPlace.Parse(text, name);
        return root.Name switch
        {
            "system" => new NcclSystem(root).ToGraph(name),
            "graphs" => throw root.Wrong("<system> is expected, but <graphs> found; the topology is what NCCL_TOPO_DUMP_FILE names, not NCCL_GRAPH_DUMP_FILE"),
            _ => throw root.Wrong($"<system> of NCCL or <topology> of hwloc is expected, but <{root.Name}> found"),
        };
    }
}
