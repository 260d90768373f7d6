namespace HpcTrain.Cli.Tests;

/// <summary>What setup.sh says when it may install nothing; it ends before it builds.</summary>
internal sealed class SetupScriptTests
{
    private static readonly string Script = Path.Combine(ProgramRun.Root, "setup.sh");

    private static readonly string[] Launchers = ["mpirun", "mpiexec", "srun", "orterun"];

    [Test]
    public void Help_names_the_variables_that_point_at_libraries()
    {
        var run = ProgramRun.Start(Script, ["--help"]);

        Assert.That(run.ExitCode, Is.Zero);
        foreach (var name in new[] { "HPCTRAIN_MPI_LIB", "HPCTRAIN_MPIRUN", "HPCTRAIN_HDF5_LIB", "HPCTRAIN_LIBTORCH", "--no-install" })
            Assert.That(run.Output, Does.Contain(name));
    }

    [Test]
    public void An_unknown_option_lists_the_valid_ones()
    {
        var run = ProgramRun.Start(Script, ["--instal"]);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Errors, Does.Contain("'--instal'").And.Contain("--no-install, --tests, --cluster, --help"));
    }

    [TestCase("HPCTRAIN_MPI_LIB", "an MPI library is missing")]
    [TestCase("HPCTRAIN_HDF5_LIB", "the HDF5 library is missing")]
    [TestCase("HPCTRAIN_LIBTORCH", "libtorch with its headers is missing")]
    public void A_variable_that_names_nothing_is_told_with_its_value(string variable, string sentence)
    {
        var run = ProgramRun.Start(Script, ["--no-install"], new() { [variable] = "/nowhere/at/all" });

        Assert.That(run.ExitCode, Is.EqualTo(4));
        Assert.That(run.Errors, Does.Contain(sentence).And.Contain($"{variable} names /nowhere/at/all"));
    }

    [Test]
    public void A_missing_launcher_and_a_missing_compiler_are_both_told()
    {
        using var commands = new CommandFolder(name => !Launchers.Any(name.StartsWith));

        var run = ProgramRun.Start(Script, ["--no-install"], new()
        {
            ["PATH"] = commands.Path,
            ["CXX"] = "no-such-compiler",
        });

        Assert.That(run.ExitCode, Is.EqualTo(4));
        Assert.That(run.Errors, Does.Contain("a launcher is missing").And.Contain("'no-such-compiler' is not in PATH"));
    }

    /// <summary>A folder of links to those of this machine's commands that a test lets through.</summary>
    private sealed class CommandFolder : IDisposable
    {
        public CommandFolder(Func<string, bool> keep)
        {
            foreach (var folder in new[] { "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin" }.Where(Directory.Exists))
            {
                foreach (var command in Directory.EnumerateFiles(folder))
                {
                    var link = System.IO.Path.Combine(Path, System.IO.Path.GetFileName(command));
                    if (keep(System.IO.Path.GetFileName(command)) && !File.Exists(link))
                        File.CreateSymbolicLink(link, command);
                }
            }
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("hpctrain-commands-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
