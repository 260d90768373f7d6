namespace HpcTrain.Topology;

/// <summary>A row of the table of <c>nvidia-smi topo -m</c>.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Line">The line of the file.</param>
/// <param name="Self">The column of the device itself.</param>
/// <param name="Cells">How it is connected to the devices of all columns.</param>
/// <param name="Rest">What follows, CPU affinity first.</param>
internal sealed record DeviceRow(string Device, int Line, int Self, string[] Cells, string Rest)
{
    public bool IsGpu => Device.StartsWith("GPU", StringComparison.Ordinal);

    /// <summary>The CPU affinity, or an empty text.</summary>
    public string Affinity => Rest.Split(' ')[0] is var word && word != "N/A" ? word : "";

    /// <summary>How far a connection through PCIe reaches; <see cref="Sharing.Unknown"/> for NVLink, which hides it.</summary>
    public static bool TryLevel(string cell, out Sharing level)
    {
        level = cell switch
        {
            "X" => Sharing.Itself,
            "PIX" => Sharing.Switch,
            "PXB" => Sharing.Switches,
            "PHB" or "NODE" => Sharing.Host,
            "SYS" or "SOC" => Sharing.Machine,
            _ => Sharing.Unknown,
        };
        return level != Sharing.Unknown || NvidiaSmiTopoReader.NvLinks(cell) > 0;
    }
}

/// <summary>What two devices share in the tree of PCIe, nearest first.</summary>
internal enum Sharing
{
    /// <summary>They are the same device.</summary>
    Itself,

    /// <summary>One PCIe switch.</summary>
    Switch,

    /// <summary>A tree of PCIe switches.</summary>
    Switches,

    /// <summary>A NUMA node.</summary>
    Host,

    /// <summary>The machine only.</summary>
    Machine,

    /// <summary>Nobody says.</summary>
    Unknown,
}
