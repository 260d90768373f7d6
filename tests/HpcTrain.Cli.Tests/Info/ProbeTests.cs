using HpcTrain.Cli.Info.Probes;
using HpcTrain.Mpi;

namespace HpcTrain.Cli.Tests.Info;

internal sealed class ProbeTests
{
    [Test]
    public void Gpus_are_read_from_nvidia_smi()
    {
        var report = GpuProbe.FromTable("NVIDIA A100-SXM4-40GB, 40960, 550.54.15\nNVIDIA A100-SXM4-40GB, 40960, 550.54.15\n");

        Assert.That(report.Found, Is.True);
        Assert.That(report.Driver, Is.EqualTo("550.54.15"));
        Assert.That(report.Devices, Has.Count.EqualTo(2));
        Assert.That(report.Devices[0].Name, Is.EqualTo("NVIDIA A100-SXM4-40GB"));
        Assert.That(report.Devices[0].MemoryBytes, Is.EqualTo(40960L << 20));
    }

    [TestCase("")]
    [TestCase("No devices were found\n")]
    public void No_gpu_in_the_list_is_advice(string table) =>
        Assert.That(GpuProbe.FromTable(table).Advice, Does.Contain("no GPU"));

    [Test]
    public void A_slurm_step_is_told_from_the_batch_script()
    {
        var batch = new Dictionary<string, string>
        {
            ["SLURM_JOB_ID"] = "17",
            ["SLURM_JOB_NUM_NODES"] = "2",
            ["SLURM_NTASKS"] = "8",
            ["SLURM_PROCID"] = "0",
        };
        var step = new Dictionary<string, string>(batch) { ["SLURM_STEP_NUM_TASKS"] = "4" };

        Assert.That(SlurmProbe.Job(batch.GetValueOrDefault), Is.EqualTo(new Cli.Info.SlurmJobReport("17", "2", "8", InStep: false)));
        Assert.That(SlurmProbe.Job(step.GetValueOrDefault), Is.EqualTo(new Cli.Info.SlurmJobReport("17", "2", "4", InStep: true)));
        Assert.That(SlurmProbe.Job(_ => null), Is.Null);
    }

    [Test]
    public void Libtorch_tells_its_version_by_header_then_build_file_then_file_name()
    {
        var prefix = Directory.CreateTempSubdirectory("hpctrain-libtorch-").FullName;
        try
        {
            const string library = "/usr/lib/libtorch_cpu.so.1.13.0";
            Assert.That(LibtorchProbe.Version(prefix, library), Is.EqualTo("1.13.0"));
            Assert.That(LibtorchProbe.Version(prefix, "/opt/libtorch/lib/libtorch_cpu.so"), Is.Null);
            File.WriteAllText(Path.Combine(prefix, "build-version"), "2.6.0+cpu\n");
            Assert.That(LibtorchProbe.Version(prefix, library), Is.EqualTo("2.6.0+cpu"));
            var folder = Directory.CreateDirectory(Path.Combine(prefix, "include/torch/csrc/api/include/torch"));
            File.WriteAllText(Path.Combine(folder.FullName, "version.h"),
                "#pragma once\n#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 7\n#define TORCH_VERSION_PATCH 1\n");
            Assert.That(LibtorchProbe.Version(prefix, library), Is.EqualTo("2.7.1"));
        }
        finally
        {
            Directory.Delete(prefix, recursive: true);
        }
    }

    [TestCase(Launcher.OpenMpi, MpiFlavor.Mpich, false)]
    [TestCase(Launcher.Hydra, MpiFlavor.OpenMpi, false)]
    [TestCase(Launcher.OpenMpi, MpiFlavor.OpenMpi, true)]
    [TestCase(Launcher.Hydra, MpiFlavor.Mpich, true)]
    [TestCase(Launcher.None, MpiFlavor.Mpich, true)]
    [TestCase(Launcher.Slurm, MpiFlavor.OpenMpi, true)]
    public void A_library_under_the_launcher_of_another_is_told(Launcher launcher, MpiFlavor flavor, bool fits)
    {
        var report = MpiSection.Describe(new MpiProbe(
            [new MpiLibraryInfo(flavor, "/opt/lib/libmpi.so", "Some MPI 4.1.4", "HPCTRAIN_MPI_LIB names it", new(false, false, "it was built without"))], [],
            new LaunchContext(launcher, Size: 4, Rank: 1, LocalRank: 1, LocalSize: 4, NodeId: null), LibraryProblem: null, LauncherProblem: null));

        Assert.That(report.Advice, fits ? Is.Null : Does.Contain("would not see each other"));
        Assert.That(report.Libraries.Single().Version, Is.EqualTo("4.1.4"));
        Assert.That(report.StartedBy, launcher == Launcher.None ? Is.EqualTo("none") : Does.EndWith("rank 1 of 4"));
    }

    [TestCase(false, false, false, "not GPU-aware, because it says so: device buffers travel through pinned host memory")]
    [TestCase(true, false, true, "takes device memory of CUDA, because it says so: CUDA device buffers travel as device pointers")]
    [TestCase(false, true, true, "takes device memory of ROCm, because it says so: CUDA device buffers travel through pinned host memory")]
    public void The_way_of_device_buffers_is_told(bool cuda, bool rocm, bool isAware, string advice)
    {
        var report = MpiSection.Describe(new MpiProbe(
            [new MpiLibraryInfo(MpiFlavor.OpenMpi, "/opt/lib/libmpi.so", "Some MPI 4.1.4", "it is a usual name", new(cuda, rocm, "it says so"))], [],
            new LaunchContext(Launcher.None, Size: 1, Rank: 0, LocalRank: 0, LocalSize: 1, NodeId: null), LibraryProblem: null, LauncherProblem: null));

        Assert.That(report.Libraries.Single().GpuAware, Is.EqualTo(isAware));
        Assert.That(report.Libraries.Single().GpuAdvice, Is.EqualTo(advice));
    }
}
