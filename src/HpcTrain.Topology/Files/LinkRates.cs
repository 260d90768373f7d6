using System.Numerics;

namespace HpcTrain.Topology;

/// <summary>
/// What links carry in each direction, in GB/s, where a file names the kind of a link but not its rate. Links of GPUs and PCIe have the rate of
/// their wires after line coding, not what a benchmark reaches, so that figures from different files compare. Links between processors have
/// the rate that NCCL reckons with for traffic of devices, which is well below that of their wires.
/// </summary>
internal static class LinkRates
{
    // Per lane in GT/s; then what is left of it after line coding.
    private static readonly (Rational Transfers, int Generation, Rational Share)[] s_generations =
    [
        (new(5, 2), 1, new(8, 10)), (5, 2, new(8, 10)), (8, 3, new(128, 130)), (16, 4, new(128, 130)), (32, 5, new(128, 130)),
        (64, 6, new(242, 256)), (128, 7, new(242, 256)),
    ];

    /// <summary>An NVLink where the file does not tell the generation: 25, as from Volta to Hopper.</summary>
    public static Rational NvLinkUsual => 25;

    /// <summary>PCIe where nothing is known: 8 GT/s.</summary>
    public static Rational PcieUsualTransfers => 8;

    /// <summary>PCIe where nothing is known: 16 lanes.</summary>
    public static int PcieUsualLanes => 16;

    /// <summary>Between two processors of which nothing is known.</summary>
    public static Rational BetweenCpusUsual => 10;

    /// <summary>The PCIe speeds that exist, for messages.</summary>
    public static string PcieSpeeds { get; } = string.Join(", ", s_generations.Select(generation => (double)generation.Transfers));

    /// <summary>One NVLink of a GPU with a compute capability: 70 is 7.0.</summary>
    public static Rational NvLink(int capability) => capability switch
    {
        >= 100 => 50,
        86 or 89 => new Rational(225, 16), // 4 links of 56.25 GB/s together
        >= 70 => NvLinkUsual,
        >= 60 => 20,
        _ => NvLinkUsual,
    };

    /// <summary>One xGMI link of an AMD GPU: <c>908</c>, <c>910</c> (or 90a), <c>942</c>; also <c>gfx942:sramecc+</c>.</summary>
    public static Rational Xgmi(string architecture)
    {
        string name = architecture.Split(':')[0];
        name = name.StartsWith("gfx", StringComparison.Ordinal) ? name[3..] : name;
        return name switch
        {
            "906" or "908" => 46,
            "940" or "941" or "942" => 64,
            "950" => new Rational(384, 5), // 76.8
            _ => 50,
        };
    }

    /// <summary>A PCIe link.</summary>
    /// <returns>False when there is no generation of that speed.</returns>
    public static bool TryPcie(Rational transfers, int lanes, out Rational rate, out string name)
    {
        int index = Array.FindIndex(s_generations, generation => generation.Transfers == transfers);
        (rate, name) = (default, "");
        if (index < 0)
            return false;
        rate = transfers * lanes * s_generations[index].Share / 8;
        name = $"PCIe {s_generations[index].Generation} x{lanes}";
        return true;
    }

    /// <summary>Between two processors, or the parts of one, by what <c>/proc/cpuinfo</c> says of them.</summary>
    public static Rational BetweenCpus(string architecture, string vendor, int family, int model) => (architecture, vendor) switch
    {
        ("ppc64", _) => 32,
        ("arm64", _) => 6,
        (_, "AuthenticAMD") => family switch
        {
            26 or 191 => 32, // Zen 5; NCCL once added the extended family to itself, which gave 191, 175 and 143
            25 or 175 => 24,
            _ => 16,
        },
        (_, "GenuineIntel") => model switch
        {
            >= 0xCF or 0xAD or 0xAE or 0xAF => 40, // Emerald Rapids and later
            >= 0x8F => 22,
            >= 0x55 => 10,
            _ => 6,
        },
        _ => BetweenCpusUsual,
    };

    /// <summary>A number of bytes per second from one of bits: 100,000 Mbit/s are 12.5 GB/s.</summary>
    public static Rational FromMegabits(BigInteger megabits) => new(megabits, 8000);
}
