using System.Xml;

namespace HpcTrain.Topology;

/// <summary>
/// Topology files of any kind that is known here: own JSON (<see cref="LinkGraphJson"/>), NCCL's and RCCL's XML (<see cref="NcclTopoXmlReader"/>), hwloc's XML
/// (<see cref="HwlocXmlReader"/>), the table of <c>nvidia-smi topo -m</c> (<see cref="NvidiaSmiTopoReader"/>), and Slurm's <c>topology.conf</c> or
/// <c>SLURM_TOPOLOGY_ADDR</c> (<see cref="SlurmTopologyReader"/>). What stands in a file tells its kind; what it is called does not.
/// </summary>
public static class TopologyFile
{
    /// <summary>The kinds of files, for help texts and messages.</summary>
    public const string Kinds = "own JSON, XML of NCCL, RCCL or hwloc, the table of nvidia-smi topo -m, Slurm's topology.conf or SLURM_TOPOLOGY_ADDR";

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it lies; it also names the graph, unless the file does.</param>
    /// <exception cref="TopologyException">
    /// It cannot be read, is of no kind known here, or something in it is wrong: the message names the file, the line and what was expected.
    /// </exception>
    public static LinkGraph Load(string path)
    {
        try
        {
            return Read(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TopologyException($"The topology file '{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads what stands in a file.</summary>
    /// <param name="text">What stands in it.</param>
    /// <param name="name">What it is called.</param>
    /// <exception cref="TopologyException">As for <see cref="Load"/>.</exception>
    public static LinkGraph Read(string text, string name)
    {
        string start = text.TrimStart();
        if (start.Length == 0)
            throw new TopologyException(name, 1, $"The file is empty; expected is one of {Kinds}.");
        if (start[0] is '{' or '[' || start.StartsWith("//", StringComparison.Ordinal) || start.StartsWith("/*", StringComparison.Ordinal))
            return LinkGraphJson.Read(text, name);
        if (start[0] == '<')
            return RootOf(start) == "topology" ? HwlocXmlReader.Read(text, name) : NcclTopoXmlReader.Read(text, name);
        foreach (string line in text.Split('\n'))
        {
            if (SlurmTopologyReader.IsKnown(line))
                return SlurmTopologyReader.Read(text, name);
            if (NvidiaSmiTopoReader.IsRow(line))
                return NvidiaSmiTopoReader.Read(text, name);
        }

        throw new TopologyException(name, 1, $"This is no topology that is known here; expected is one of {Kinds}.");
    }

    private static string RootOf(string text)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new() { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            return reader.MoveToContent() == XmlNodeType.Element ? reader.LocalName : "";
        }
        catch (XmlException)
        {
            return ""; // a reader says what is wrong
        }
    }
}
