using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Tests.Schedules;

/// <summary>Where a drawing or an export cannot be written, one sentence says why, and nothing is left behind or lost.</summary>
internal sealed class OutputFailureTests
{
    [Test]
    public void A_folder_that_does_not_exist()
    {
        using var files = new TempFiles();
        Fails(files["none/ring.svg"], $"hpctrain: cannot write the drawing at {files["none/ring.svg"]}: its folder does not exist.\n");
        Assert.That(files.Names, Is.Empty);
    }

    [Test]
    public void A_folder_instead_of_a_file()
    {
        using var files = new TempFiles();
        Fails(files.Folder, $"hpctrain: cannot write the drawing at {files.Folder}: it is a folder; name a file in it.\n");
    }

    [TestCase("the plan", "topo", "plan", "dgx1v", "--json", "")]
    [TestCase("the topology", "topo", "convert", "dgx1v", "--out", "")]
    [TestCase("the topology", "topo", "probe", "--ranks", "2", "--out", "")]
    [TestCase("the table", "simulate", "--topology", "dgx1v", "--algorithm", "ring", "--csv", "")]
    public void A_file_without_a_name(string what, params string[] words)
    {
        var run = ProgramRun.Start(words);
        Assert.That((run.ExitCode, run.Errors), Is.EqualTo((ExitCodes.InputOutput, $"hpctrain: cannot write {what}: the name of its file is empty; name a file.\n")));
    }

    [Test]
    public void A_full_disk_keeps_what_was_there()
    {
        // By a link: were the device itself taken for a file to be replaced, the machine would be without it.
        using var files = new TempFiles();
        string full = files["full.svg"];
        File.CreateSymbolicLink(full, "/dev/full");
        Fails(full, $"hpctrain: cannot write the drawing at {full}: no space is left on its file system; free some space or choose a folder elsewhere.\n");
        Assert.That(files.Names, Is.EqualTo(new[] { "full.svg" }));
        Assert.That(new FileInfo(full).LinkTarget, Is.EqualTo("/dev/full"));

        Directory.CreateDirectory(files["disk"]);
        var run = ProgramRun.Start("/usr/bin/unshare",
            ["-m", "bash", "-c", "mount -t tmpfs -o size=8k tmpfs \"$0\" || exit 99; echo old > \"$0/ring.svg\"; \"$@\"; code=$?; cat \"$0/ring.svg\"; ls -A \"$0\"; exit $code", files["disk"], ProgramRun.Hpctrain, .. Draw(files["disk/ring.svg"])]);
        if (run.ExitCode is 99 or 1)
            Assert.Ignore("mounting a small file system is not allowed here");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.InputOutput));
        Assert.That(run.Errors, Does.Contain("no space is left on its file system").And.Not.Contain("   at "));
        Assert.That(run.Output, Is.EqualTo("old\nring.svg\n"));
    }

    [Test]
    public void No_permission()
    {
        // Without the capabilities that let root pass over permissions, as any user.
        using var files = new TempFiles();
        Directory.CreateDirectory(files["closed"]);
        File.SetUnixFileMode(files["closed"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var run = Environment.UserName == "root"
            ? ProgramRun.Start("/usr/bin/setpriv", ["--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search", "--", ProgramRun.Hpctrain, .. Draw(files["closed/ring.svg"])])
            : ProgramRun.Start(Draw(files["closed/ring.svg"]));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.InputOutput), run.Errors);
        Assert.That(run.Errors, Is.EqualTo($"hpctrain: cannot write the drawing at {files["closed/ring.svg"]}: permission denied; choose a folder that this user may write, or change its permissions.\n"));
        File.SetUnixFileMode(files["closed"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Test]
    public void A_link_is_followed_and_a_pipe_is_written_to()
    {
        using var files = new TempFiles();
        File.WriteAllText(files["real.svg"], "old");
        File.CreateSymbolicLink(files["link.svg"], files["real.svg"]);
        Assert.That(ProgramRun.Start(Draw(files["link.svg"])).ExitCode, Is.Zero);
        Assert.That(File.ReadAllText(files["real.svg"]), Does.StartWith("<svg"));
        Assert.That(new FileInfo(files["link.svg"]).LinkTarget, Is.EqualTo(files["real.svg"]));

        var piped = ProgramRun.Start("/bin/bash", ["-c", "\"$0\" \"$@\" | cat", ProgramRun.Hpctrain, .. Draw("/dev/stdout")]);
        Assert.That(piped.Output, Is.EqualTo(File.ReadAllText(files["real.svg"])));
    }

    private static string[] Draw(string path) => ["schedules", "draw", "--algorithm", "ring", "--ranks", "4", "--out", path];

    private static void Fails(string path, string sentence)
    {
        var run = ProgramRun.Start(Draw(path));
        Assert.That((run.ExitCode, run.Output, run.Errors), Is.EqualTo((ExitCodes.InputOutput, "", sentence)));
    }
}
