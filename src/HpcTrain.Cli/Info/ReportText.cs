using System.Globalization;
using System.Text;

namespace HpcTrain.Cli.Info;

/// <summary>The report for people: a line per thing with its version and place, and what to do below what is missing.</summary>
internal static class ReportText
{
    private const int NameWidth = 10;
    private const int VersionWidth = 22;
    private static readonly string Indent = new(' ', NameWidth + 1);

    public static string Render(MachineReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"hpctrain {report.Hpctrain} on {report.Host.Name}: {report.Host.Os}, {report.Host.Architecture}, ")
            .Append(CultureInfo.InvariantCulture, $"{report.Host.Processors} processors, {Gibibytes(report.Host.MemoryBytes)}\n\n");
        Line(text, ".NET", report.Dotnet.Version, report.Dotnet.Path);
        Mpi(text, report.Mpi);
        Line(text, "HDF5", report.Hdf5.Version, report.Hdf5.Path);
        Advice(text, report.Hdf5.Advice);
        Line(text, "libtorch", report.Libtorch.Version, report.Libtorch.Path);
        if (report.Libtorch.Shim is { } shim)
            Note(text, $"shim {shim}");
        Advice(text, report.Libtorch.Advice);
        Line(text, "CPU", string.Join(' ', report.Cpu.Features), null);
        Note(text, $"{report.Cpu.Processors} x {report.Cpu.Model}");
        Line(text, "kernels", report.Kernels.Description, null);
        Gpus(text, report.Gpus);
        Slurm(text, report.Slurm);
        return text.ToString();
    }

    private static void Mpi(StringBuilder text, MpiReport mpi)
    {
        var name = "MPI";
        foreach (var library in mpi.Libraries)
        {
            // "Open MPI v4.1.4, package: ..." up to the comma; "MPICH Version: 4.0.2".
            Line(text, name, library.Description.Split(',')[0].Replace(" Version:", "", StringComparison.Ordinal), library.Path);
            if (library.Path == mpi.Chosen)
                Note(text, $"a rank started here loads this one, because {mpi.Reason}");
            if (library.Launcher is not null)
                Note(text, $"launcher {library.Launcher}");
            Note(text, library.GpuAdvice);
            Advice(text, library.Advice);
            name = "";
        }
        if (mpi.Libraries.Count == 0)
            Line(text, name, null, null);
        if (mpi.StartedBy != "none")
            Note(text, $"started by {mpi.StartedBy}");
        Advice(text, mpi.Advice);
    }

    private static void Gpus(StringBuilder text, GpusReport gpus)
    {
        Line(text, "GPUs", gpus.Found ? gpus.Devices.Count.ToString(CultureInfo.InvariantCulture) : null, null);
        foreach (var device in gpus.Devices)
            Note(text, $"{device.Name}, {Gibibytes(device.MemoryBytes)}, driver {gpus.Driver}");
        Advice(text, gpus.Advice);
    }

    private static void Slurm(StringBuilder text, SlurmReport slurm)
    {
        Line(text, "Slurm", slurm.Found ? slurm.Version ?? "of unknown version" : null, slurm.Path);
        if (slurm.Job is { } job)
        {
            var where = job.InStep ? "in a step of" : "in the batch script of";
            Note(text, $"{where} job {job.Id}: {job.Nodes ?? "?"} nodes, {job.Tasks ?? "?"} tasks");
        }
        Advice(text, slurm.Advice);
    }

    private static void Line(StringBuilder text, string name, string? version, string? path) =>
        text.Append(name.PadRight(NameWidth)).Append(' ')
            .Append(path is null ? version ?? "none" : (version ?? "?").PadRight(VersionWidth) + ' ' + path).Append('\n');

    private static void Note(StringBuilder text, string note) => text.Append(Indent).Append("  ").Append(note).Append('\n');

    private static void Advice(StringBuilder text, string? advice)
    {
        if (advice is not null)
            text.Append(Indent).Append("! ").Append(advice).Append('\n');
    }

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
