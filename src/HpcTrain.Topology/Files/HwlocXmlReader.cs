namespace HpcTrain.Topology;

/// <summary>
/// Reads the XML of hwloc 1 and 2: <c>lstopo --of xml --whole-io cluster.xml</c>.
///
/// A GPU is a PCI device for which CUDA, NVML, RSMI or Level Zero has a name; where the file has none, one of a GPU's PCI class and maker. GPUs are
/// ranks in the order of those names' numbers, else of the file. Network and InfiniBand devices are NICs, bridges with a device behind them switches. The
/// hosts are what the bridges are attached to: packages, groups or the machine. Links have the rate that hwloc found; 0 means that it found none, and
/// is read as PCIe 3 x16. NVLink and xGMI come from the matrices that hwloc keeps of them, if it was built with NVML or RSMI. Hosts are joined at
/// the rate usual for their processors.
/// </summary>
public static class HwlocXmlReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="text">What stands in it.</param>
    /// <param name="name">What it is called: in errors, and the graph.</param>
    /// <exception cref="TopologyException">It is not XML, or not of this form: the message names the line and what was expected.</exception>
    public static LinkGraph Read(string text, string name)
    {
        XmlPlace root = XmlPlace.Parse(text, name);
        return root.Name == "topology" ? new HwlocTopology(root).ToGraph(name) : throw root.Wrong($"<topology> is expected, but <{root.Name}> found");
    }
}
