using System.Globalization;
using System.Runtime.InteropServices;

namespace HpcTrain.Cli.Info.Probes;

internal static class GpuProbe
{
    /// <summary>AMD's compute driver shows itself here.</summary>
    private const string AmdDevice = "/dev/kfd";

    public static GpusReport Run()
    {
        if (ExternalProgram.Find("nvidia-smi") is { } program)
        {
            var answer = ExternalProgram.Ask(program, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits");
            return answer is null
                ? new(false, null, [], $"{program} fails: the driver is not loaded, or this job was given no GPU")
                : FromTable(answer);
        }
        if (File.Exists(AmdDevice))
            return new(false, null, [], "an AMD GPU is present; HpcTrain does not use it yet");
        if (NativeLibrary.TryLoad("libcuda.so.1", out var library))
        {
            NativeLibrary.Free(library);
            return new(false, null, [], "libcuda.so.1 is present but nvidia-smi is not in PATH: add it to learn about the GPUs");
        }
        return new(false, null, [], "no GPU here; training runs on the CPU. With one, install NVIDIA's driver");
    }

    /// <summary>Lines such as "NVIDIA A100-SXM4-40GB, 40960, 550.54.15" (memory in MiB).</summary>
    internal static GpusReport FromTable(string table)
    {
        var rows = table.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(',', StringSplitOptions.TrimEntries)).Where(cells => cells.Length == 3).ToArray();
        return rows.Length == 0
            ? new(false, null, [], "nvidia-smi lists no GPU: ask the scheduler for one (--gpus)")
            : new(true, rows[0][2], [.. rows.Select(cells => new GpuReport(cells[0], Mebibytes(cells[1])))], null);
    }

    private static long Mebibytes(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count << 20 : 0;
}
