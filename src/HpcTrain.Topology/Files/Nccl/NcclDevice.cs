using System.Globalization;

namespace HpcTrain.Topology;

/// <summary>What NCCL's files say of devices: which they are, where they are, how fast they are connected.</summary>
internal static class NcclDevice
{
    private const string GpuClass = "0x03", AcceleratorClass = "0x12", NetworkClass = "0x02";

    /// <summary>Whether a PCI class is that of a GPU.</summary>
    public static bool IsGpuClass(string? pciClass) => Starts(pciClass, GpuClass) || Starts(pciClass, AcceleratorClass);

    /// <summary>Whether an element is a network device.</summary>
    public static bool IsNic(XmlPlace pci) => pci.Elements("nic").Any() || Starts(pci.Optional("class"), NetworkClass);

    /// <summary>A bus address as a number, whatever zeros are written: <c>0000:1d:00.0</c>.</summary>
    /// <exception cref="TopologyException">It is none.</exception>
    public static long BusId(XmlPlace place, string attribute)
    {
        string[] parts = place[attribute].Split(':', '.');
        long id = 0;
        foreach (string part in parts)
        {
            if (parts.Length != 4 || !int.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value))
                throw place.Wrong($"{attribute}=\"{place[attribute]}\" of <{place.Name}> is not a PCI address such as 0000:1d:00.0");
            id = (id << 16) | (uint)(value & 0xFFFF);
        }

        return id;
    }

    /// <summary>The PCIe link above a device.</summary>
    /// <exception cref="TopologyException">The speed or the width is not one of PCIe.</exception>
    public static (Rational Rate, string Name) PcieLink(XmlPlace pci)
    {
        int lanes = pci.Integer("link_width", 0);
        if (lanes < 0)
            throw pci.Wrong($"link_width=\"{lanes}\" of <pci> is not a number of lanes");
        string speed = pci.Optional("link_speed") ?? "";
        Rational transfers = LinkRates.PcieUsualTransfers;
        string number = speed.Split(' ')[0];
        bool unknown = number.Length == 0 || speed.StartsWith("Unknown", StringComparison.OrdinalIgnoreCase);
        if (!unknown && !Rational.TryParse(number, out transfers))
            throw pci.Wrong($"link_speed=\"{speed}\" of <pci> is not a speed such as \"16 GT/s\"");
        if (!LinkRates.TryPcie(transfers, lanes == 0 ? LinkRates.PcieUsualLanes : lanes, out Rational rate, out string name))
            throw pci.Wrong($"link_speed=\"{speed}\" of <pci> is not one of PCIe, which are {LinkRates.PcieSpeeds} GT/s");
        return (rate, name);
    }

    /// <summary>The ports of a NIC that can be used: those with a device number.</summary>
    public static IReadOnlyList<XmlPlace> Ports(XmlPlace nic) => [.. nic.Elements("net").Where(net => net.Optional("dev") != null && net.Optional("net") != "0")];

    /// <summary>What a port carries; 10 Gbit/s where the driver does not know.</summary>
    public static Rational PortRate(XmlPlace net)
    {
        const int Unknown = 10_000;
        int megabits = net.Integer("speed", 0);
        return LinkRates.FromMegabits(megabits > 0 ? megabits : Unknown);
    }

    private static bool Starts(string? pciClass, string prefix) => pciClass?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true;
}
