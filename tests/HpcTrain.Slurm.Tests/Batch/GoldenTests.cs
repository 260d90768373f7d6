namespace HpcTrain.Slurm.Tests.Batch;

/// <summary>Scripts as they lie in Golden/: NAME.json is the specification, NAME.sbatch what is made of it. HPCTRAIN_WRITE_GOLDEN=1 writes them anew.</summary>
internal sealed class GoldenTests
{
    private static readonly string s_folder = Path.Combine(Command.Root, "tests", "HpcTrain.Slurm.Tests", "Batch", "Golden");

    private static IEnumerable<string> Names => Directory.GetFiles(s_folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Names))]
    public void A_specification_becomes_this_script(string name)
    {
        JobSpecification job = SpecificationFile.Read(Path.Combine(s_folder, name + ".json"));
        string script = BatchScript.Render(job, Submission.OutputPattern("/home/me/runs/it.job", job)), golden = Path.Combine(s_folder, name + ".sbatch");
        if (Environment.GetEnvironmentVariable("HPCTRAIN_WRITE_GOLDEN") == "1")
            File.WriteAllText(golden, script);
        Assert.That(script, Is.EqualTo(File.ReadAllText(golden)));
    }

    [TestCaseSource(nameof(Names))]
    public void Bash_can_read_it_and_its_specification_survives_being_written(string name)
    {
        JobSpecification job = SpecificationFile.Read(Path.Combine(s_folder, name + ".json"));
        Assert.That(Command.Run("bash", ["-n", Path.Combine(s_folder, name + ".sbatch")]).ToString(), Is.EqualTo("exit code 0\n\n"));
        string json = SpecificationFile.ToJson(job);
        Assert.That(SpecificationFile.ToJson(SpecificationFile.Parse(json, "it")), Is.EqualTo(json));
        Assert.That(BatchScript.Render(SpecificationFile.Parse(json, "it"), "o"), Is.EqualTo(BatchScript.Render(job, "o")));
    }

    /// <summary>Runs what stands below the #SBATCH lines, with an srun and a scontrol that say what they get.</summary>
    [TestCase("minimal", "", 0, "srun<-K><--mpi=pmix><--cpus-per-task=1><hostname>")]
    [TestCase("minimal", "exit 7", 7, "srun<-K><--mpi=pmix><--cpus-per-task=1><hostname>")]
    [TestCase("requeue", "exit 75", 75, "srun* scontrol<requeue><17>")]
    [TestCase("requeue", "exit 3", 3, "srun*")]
    [TestCase("requeue", "kill -USR2 $PPID; trap 'exit 140' USR2; while :; do sleep 0.1; done", 75, "srun* scontrol<requeue><17>", Description = "warned, and the warning ends the ranks")]
    [TestCase("requeue", "trap : USR2; kill -USR2 $PPID; sleep 0.3; exit 0", 0, "srun*", Description = "warned, but done in time")]
    [TestCase("sweep", "", 0, "srun<-K><--mpi=pmi2><--cpus-per-task=2><train><--epochs><3><--learning-rate><0.03><--note><it's \"this\" $HOME><--no-eval><--run-dir><@/task-1>")]
    public void Bash_starts_what_it_should(string name, string srun, int exitCode, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("hpctrain-script-").FullName, said = Path.Combine(folder, "said");
        try
        {
            foreach (string program in new[] { "srun", "scontrol" })
            {
                File.WriteAllText(Path.Combine(folder, program), $"#!/bin/bash\n{{ printf {program}; printf '<%s>' \"$@\"; echo; }} >>{said}\n{(program == "srun" ? srun : "")}\n");
                File.SetUnixFileMode(Path.Combine(folder, program), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
            string script = File.ReadAllText(Path.Combine(s_folder, name + ".sbatch")).Replace("/home/me/runs/it", folder, StringComparison.Ordinal).Replace("cd /home/me", "cd /", StringComparison.Ordinal);
            Command run = Command.Run("bash", ["-c", $"module() {{ :; }}\n{script}"], new Dictionary<string, string?>
            {
                ["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}",
                ["SLURM_JOB_ID"] = "17",
                ["SLURM_ARRAY_TASK_ID"] = "1",
                ["SLURM_SUBMIT_DIR"] = "/",
            });
            Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.ToString());
            string[] lines = [.. File.ReadAllLines(said).Select(line => line.Replace(folder, "@", StringComparison.Ordinal))];
            string[] words = [.. expected.Contains("* ", StringComparison.Ordinal) ? expected.Split(' ') : [expected]];
            Assert.That(lines, Has.Length.EqualTo(words.Length));
            for (int i = 0; i < words.Length; i++)
                Assert.That(lines[i], words[i].EndsWith('*') ? Does.StartWith(words[i].TrimEnd('*')) : Is.EqualTo(words[i]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void A_job_that_was_run_again_too_often_gives_up()
    {
        Command run = Command.Run("bash", [Path.Combine(s_folder, "requeue.sbatch")], new Dictionary<string, string?> { ["SLURM_RESTART_COUNT"] = "4" });
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Errors, Is.EqualTo("long: run again 3 times already: giving up\n"));
    }
}
