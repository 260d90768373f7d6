using System.Globalization;

namespace HpcTrain.Topology;

/// <summary>What hwloc's XML says of PCI devices.</summary>
internal static class HwlocDevice
{
    private static readonly string[] s_gpuNames = ["cuda", "nvml", "rsmi", "ze"];
    private static readonly string[] s_gpuClasses = ["0300", "0302", "0380", "1200"], s_gpuMakers = ["[10de:", "[1002:"];

    public static bool IsObject(XmlPlace place, string type) => place.Name == "object" && place.Optional("type") == type;

    /// <summary>What the system and its libraries call a device, one each.</summary>
    public static IEnumerable<XmlPlace> Names(XmlPlace pci) => pci.Children.Where(child => IsObject(child, "OSDev"));

    /// <summary>The number in the name that a GPU library gives the device, or -1.</summary>
    public static int GpuNumber(XmlPlace pci)
    {
        foreach (string library in s_gpuNames)
        {
            foreach (string name in Names(pci).Select(device => device.Optional("name") ?? ""))
            {
                if (name.StartsWith(library, StringComparison.Ordinal)
                    && int.TryParse(name.AsSpan(library.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                    return number;
            }
        }

        return -1;
    }

    /// <summary>Whether a device has the PCI class of a GPU and comes from who makes such for computing.</summary>
    public static bool LooksLikeGpu(XmlPlace pci) =>
        pci.Optional("pci_type") is { Length: > 4 } type && s_gpuClasses.Contains(type[..4])
        && s_gpuMakers.Any(maker => type.Contains(maker, StringComparison.OrdinalIgnoreCase));

    /// <summary>The name of a NIC, that of InfiniBand first; null for other devices.</summary>
    public static string? NicName(XmlPlace pci)
    {
        const string Network = "2", OpenFabrics = "3";
        XmlPlace[] names = [.. Names(pci).Where(device => device.Optional("osdev_type") is Network or OpenFabrics)];
        return (names.FirstOrDefault(device => device.Optional("osdev_type") == OpenFabrics) ?? names.FirstOrDefault())?["name"];
    }

    /// <summary>The link above a device or a bridge.</summary>
    /// <exception cref="TopologyException">Its speed is not a number, or negative.</exception>
    public static (Rational Rate, string Name) Link(XmlPlace pci)
    {
        string speed = pci.Optional("pci_link_speed") ?? "0";
        if (!Rational.TryParse(speed, out Rational rate) || rate.Sign < 0)
            throw pci.Wrong($"pci_link_speed=\"{speed}\" is not a number of GB/s");
        if (rate.Sign > 0)
            return (rate, "PCIe");
        LinkRates.TryPcie(LinkRates.PcieUsualTransfers, LinkRates.PcieUsualLanes, out rate, out _);
        return (rate, "PCIe");
    }
}
