using System.Globalization;
using System.Text.RegularExpressions;

namespace HpcTrain.Topology;

/// <summary>
/// Reads what <c>nvidia-smi topo -m</c> prints, also as it is found in the wild: with terminal colours, a header whose names run together, rows of NICs that are
/// missing, labels of old drivers (<c>SOC</c>).
///
/// The column of a row's device is where its <c>X</c> stands, so the header is needed only for devices without a row. <c>NV#</c> become
/// NVLinks of 25 GB/s each (the table does not tell the generation); where GPUs would need more links than a GPU has, all of them go to one NVSwitch.
/// The other labels say what is shared on the way through PCIe, which gives switches (PIX, PXB), hosts (PHB, NODE, or, where
/// NVLink hides it, an equal CPU affinity) and what joins them (SYS); these rates are assumed, PCIe 3 x16 and 10 GB/s between hosts.
/// </summary>
public static partial class NvidiaSmiTopoReader
{
    private const string Labels = "X, NV#, PIX, PXB, PHB, NODE, SYS or SOC";

    /// <summary>Reads the table.</summary>
    /// <param name="text">What the command printed; lines around the table do no harm.</param>
    /// <param name="name">What it is called: in errors, and the graph.</param>
    /// <exception cref="TopologyException">There is no such table, or it contradicts itself: the message names the line and what was expected.</exception>
    public static LinkGraph Read(string text, string name)
    {
        string[] lines = [.. Colours().Replace(text, "").Split('\n').Select(line => line.TrimEnd('\r'))];
        int first = Array.FindIndex(lines, IsRow);
        if (first < 0)
            throw new TopologyException(name, 1, "No row of a GPU is found; a table of nvidia-smi topo -m is expected, with rows such as 'GPU0  X  NV2  SYS'.");
        var rows = new List<DeviceRow>();
        int end = Array.FindIndex(lines, first, string.IsNullOrWhiteSpace);
        for (int i = first; i < lines.Length; i++)
        {
            if (IsRow(lines[i]))
                rows.Add(ReadRow(lines[i], i + 1, name));
            else if ((end < 0 || i < end) && GpuRow().Match(lines[i]) is { Success: true } row) // not to be passed over: the rest would be a smaller machine
                throw new TopologyException(name, i + 1, $"The row of {row.Groups[1].Value} has '{row.Groups[2].Value}' for a cell; cells are {Labels}.");
        }

        return new DeviceMatrix(rows, Header(lines, first), Names(lines), name).ToGraph();
    }

    /// <summary>Whether a line is a row of the table: a device and how it is connected.</summary>
    internal static bool IsRow(string line) => Row().IsMatch(Colours().Replace(line, ""));

    private static DeviceRow ReadRow(string line, int number, string file)
    {
        string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string[] cells = [.. words.Skip(1).TakeWhile(word => DeviceRow.TryLevel(word, out _))];
        int self = Array.IndexOf(cells, "X");
        string rest = string.Join(' ', words.Skip(1 + cells.Length));
        if (self < 0)
        {
            throw new TopologyException(file, number, rest.Length == 0
                ? $"The row of {words[0]} has no X, which marks its own column."
                : $"The row of {words[0]} has no X, which marks its own column, before '{words[1 + cells.Length]}'; cells are {Labels}.");
        }

        return new(words[0], number, self, cells, rest);
    }

    // The names in the line above the first row. They are found even where nothing separates them.
    private static string[] Header(string[] lines, int first)
    {
        string? header = lines[..first].LastOrDefault(line => Device().IsMatch(line));
        return header == null ? [] : [.. Device().Matches(header).Select(match => match.Value)];
    }

    // Newer drivers call NICs NIC0, NIC1 and explain below the table which they are.
    private static Dictionary<string, string> Names(string[] lines)
    {
        var names = new Dictionary<string, string>();
        foreach (string line in lines)
        {
            if (Legend().Match(line) is { Success: true } match)
                names[match.Groups[1].Value] = match.Groups[2].Value;
        }

        return names;
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*[A-Za-z]")]
    private static partial Regex Colours();

    [GeneratedRegex(@"^\s*[A-Za-z][A-Za-z0-9_.\-]*\s+(X|NV\d+|PIX|PXB|PHB|NODE|SYS|SOC)(\s|$)")]
    private static partial Regex Row();

    [GeneratedRegex(@"^\s*(GPU\d+)\s+(\S+)")]
    private static partial Regex GpuRow();

    [GeneratedRegex(@"GPU\d+|NIC\d+|[a-z]+\d*(_[a-z]+)*_\d+|[a-z]+\d+")]
    private static partial Regex Device();

    [GeneratedRegex(@"^\s*(NIC\d+)\s*:\s*(\S+)\s*$")]
    private static partial Regex Legend();

    /// <summary>How many links a cell says: 2 for <c>NV2</c>, 0 for what is not NVLink.</summary>
    internal static int NvLinks(string cell) =>
        cell.StartsWith("NV", StringComparison.Ordinal) && int.TryParse(cell.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0;
}
