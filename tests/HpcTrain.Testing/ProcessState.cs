using System.Globalization;

namespace HpcTrain.Testing;

/// <summary>What /proc tells about a process that does not move: where each busy or waiting thread is.</summary>
public static class ProcessState
{
    /// <summary>One line: state, resident memory, processor seconds, and the threads that run or wait in the kernel.</summary>
    public static string Describe(int process)
    {
        try
        {
            var folder = $"/proc/{process}";
            var status = File.ReadLines($"{folder}/status").Select(line => line.Split(':', 2))
                .Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1].Trim());
            var threads = Directory.GetDirectories($"{folder}/task").Select(Thread).OfType<string>().Take(8);
            return string.Create(CultureInfo.InvariantCulture,
                $"pid {process}, state {status.GetValueOrDefault("State")}, resident {status.GetValueOrDefault("VmRSS")}, threads: ")
                + string.Join("; ", threads);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"pid {process} has ended";
        }
    }

    /// <summary>"name state seconds [kernel function]" of a thread that has run; null for one that never did.</summary>
    private static string? Thread(string folder)
    {
        var stat = File.ReadAllText($"{folder}/stat");
        var name = stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')];
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');

        // Fields of proc(5), from the third (state) on: utime and stime are the 14th and 15th, in ticks of 10 ms.
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        if (ticks == 0)
            return null;
        var place = TryRead($"{folder}/wchan");
        return string.Create(CultureInfo.InvariantCulture, $"{name} {fields[0]} {ticks / 100.0:0.00}s")
            + (place is "" or "0" ? "" : $" [{place}]");
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
