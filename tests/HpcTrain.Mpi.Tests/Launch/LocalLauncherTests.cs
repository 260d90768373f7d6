using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

public class LocalLauncherTests
{
    [Test]
    public void Open_mpi_s_options_lift_its_limits_and_leave_threads_their_cores() =>
        Assert.That(LocalLauncher.Options(MpiFlavor.OpenMpi, ranks: 2, cores: 2, root: false),
            Is.EqualTo(new[] { "-n", "2", "--oversubscribe", "--bind-to", "none" }));

    [Test]
    public void Crowded_ranks_yield_and_root_is_allowed() =>
        Assert.That(LocalLauncher.Options(MpiFlavor.OpenMpi, ranks: 4, cores: 2, root: true),
            Is.EqualTo(new[] { "-n", "4", "--oversubscribe", "--bind-to", "none", "--allow-run-as-root", "--mca", "mpi_yield_when_idle", "1" }));

    [Test]
    public void Mpich_needs_only_the_count() =>
        Assert.That(LocalLauncher.Options(MpiFlavor.Mpich, ranks: 4, cores: 2, root: true), Is.EqualTo(new[] { "-n", "4" }));

    [Test]
    public void No_ranks_are_refused() =>
        Assert.That(() => LocalLauncher.Options(MpiFlavor.Mpich, ranks: 0, cores: 2, root: true), Throws.TypeOf<ArgumentOutOfRangeException>());

    [TestCase(1, 8, "8")]
    [TestCase(2, 8, "4")]
    [TestCase(3, 8, "2")]
    [TestCase(9, 8, "1")]
    public void Ranks_share_the_cores_out_among_their_threads(int ranks, int cores, string threads)
    {
        var variables = LocalLauncher.Variables(ranks, cores);
        Assert.That(variables.GetValueOrDefault("OMP_NUM_THREADS"),
            Is.EqualTo(Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null ? threads : null));
        Assert.That(variables["UCX_ERROR_SIGNALS"], Does.Not.Contain("SEGV"));
    }

    [TestCase("mpirun.openmpi (OpenRTE) 4.1.4\n\nReport bugs to ...", MpiFlavor.OpenMpi, "mpirun.openmpi (OpenRTE) 4.1.4")]
    [TestCase("mpirun (Open MPI) 5.0.3\n", MpiFlavor.OpenMpi, "mpirun (Open MPI) 5.0.3")]
    [TestCase("HYDRA build details:\n    Version:                                 4.0.2\n", MpiFlavor.Mpich, "Hydra 4.0.2")]
    [TestCase("Intel(R) MPI Library for Linux* OS, Version 2021.9", MpiFlavor.Mpich, "Intel(R) MPI Library for Linux* OS, Version 2021.9")]
    public void Launchers_are_known_by_what_they_say(string text, MpiFlavor flavor, string version) =>
        Assert.That(LocalLauncher.Recognise("/x", text), Is.EqualTo(new MpiLauncherInfo(flavor, "/x", version)));

    [TestCase("")]
    [TestCase("ls (GNU coreutils) 9.1")]
    public void Other_programs_are_not(string text) => Assert.That(LocalLauncher.Recognise("/x", text), Is.Null);

    [TestCaseSource(typeof(Launchers), nameof(Launchers.All))]
    public void The_machine_s_launcher_is_found_and_its_command_ends_with_the_program(MpiFlavor flavor)
    {
        if (!Launchers.Has(flavor))
            Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
        var launcher = LocalLauncher.Find(flavor);
        var command = launcher.Command(2, "program", ["--a", "b c"], new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "7" });
        Assert.That(File.Exists(command.Executable), Is.True);
        Assert.That(command.Arguments.TakeLast(3), Is.EqualTo(new[] { "program", "--a", "b c" }));
        Assert.That((command.Ranks, command.Flavor, command.Environment["OMP_NUM_THREADS"]), Is.EqualTo((2, flavor, "7")));
    }

    [Test]
    [NonParallelizable]
    public void A_launcher_that_is_none_is_named_in_the_refusal()
    {
        Environment.SetEnvironmentVariable(MpiVariables.Launcher, "/bin/ls");
        try
        {
            Assert.That(() => LocalLauncher.Find(), Throws.TypeOf<MpiException>().With.Message.EqualTo(
                "HPCTRAIN_MPIRUN=/bin/ls is not a launcher of Open MPI or MPICH that runs here: name one, or unset it."));
            Assert.That(MpiProbe.Run().LauncherProblem, Does.Contain("/bin/ls"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(MpiVariables.Launcher, null);
        }
    }

    [TestCase("0-3", 4)]
    [TestCase("0-3,8,10-11", 7)]
    [TestCase("5", 1)]
    [TestCase("", 0)]
    [TestCase("0-", 0)]
    public void Lists_of_cpus_are_counted(string list, int count) => Assert.That(NodeCores.CountCpuList(list), Is.EqualTo(count));

    [Test]
    public void The_node_has_at_least_our_own_cores() =>
        Assert.That(NodeCores.Count, Is.GreaterThanOrEqualTo(Environment.ProcessorCount));
}
