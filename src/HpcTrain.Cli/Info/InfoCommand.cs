using HpcTrain.Cli.Info.Probes;
using HpcTrain.CommandLine;
using HpcTrain.Kernels;
using HpcTrain.Slurm;

namespace HpcTrain.Cli.Info;

/// <summary>`hpctrain info`: what this machine offers, and what to do about what is missing. Missing things are no error.</summary>
internal static class InfoCommand
{
    private const string Summary =
        "What this machine offers: .NET, MPI, HDF5, libtorch, CPU, kernels, GPUs, Slurm; and what to do about what is missing.";

    private const string Footer =
        "Keys of --json (names are only ever added; a part that was not found has found=false and says in advice what to do):\n" +
        "  hpctrain   version of this program\n" +
        "  host       name, os, architecture, processors, memory_bytes\n" +
        "  dotnet     version, path\n" +
        "  mpi        found, chosen (path), reason, started_by, libraries[] (path, version, description, abi, launcher, gpu_aware,\n" +
        "             gpu_advice, advice), advice\n" +
        "  hdf5       found, version, path, advice\n" +
        "  libtorch   found, version, path, shim, advice\n" +
        "  cpu        model, processors, features[]\n" +
        "  kernels    description\n" +
        "  gpus       found, driver, devices[] (name, memory_bytes), advice\n" +
        "  slurm      found, version, path, job (id, nodes, tasks, in_step) or null, advice\n\n" +
        "Environment variables that change what is found: HPCTRAIN_MPI_LIB, HPCTRAIN_MPIRUN, HPCTRAIN_HDF5_LIB, HPCTRAIN_LIBTORCH,\n" +
        "HPCTRAIN_TORCH_SHIM (see ./setup.sh --help).";

    public static int Run(string[] args)
    {
        if (OptionParser.Parse<InfoOptions>("hpctrain info", Summary, args, Footer) is not { } options)
            return ExitCodes.Ok;
        if (options.Rank)
        {
            Console.WriteLine(RankText.Render(RankEnvironment.Detect()));
            return ExitCodes.Ok;
        }
        var report = Look();
        Console.Out.Write(options.Json ? MachineReportJson.Render(report) + "\n" : ReportText.Render(report));
        return ExitCodes.Ok;
    }

    private static MachineReport Look()
    {
        // Programs that are asked answer while this process loads libraries.
        var gpus = Task.Run(GpuProbe.Run);
        var slurm = Task.Run(SlurmProbe.Run);
        return new(
            ProductVersion.Text, HostProbe.Run(), HostProbe.Dotnet(), MpiSection.Run(), Hdf5Probe.Run(), LibtorchProbe.Run(),
            CpuProbe.Run(), new(HostKernels.Description), gpus.Result, slurm.Result);
    }
}
