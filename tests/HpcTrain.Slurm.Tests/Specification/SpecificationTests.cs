namespace HpcTrain.Slurm.Tests.Specification;

/// <summary>What a specification may say, and how a mistake in it is told.</summary>
internal sealed class SpecificationTests
{
    [TestCase("4", 4, 4)]
    [TestCase("2-4", 2, 4)]
    [TestCase("3-3", 3, 3)]
    public void Nodes_are_a_number_or_a_range(string text, int least, int most)
        => Assert.That(NodeRange.Parse(text), Is.EqualTo(new NodeRange(least, most)));

    [TestCase("")]
    [TestCase("0")]
    [TestCase("4-2")]
    [TestCase("1-2-3")]
    [TestCase("-2")]
    [TestCase("two")]
    public void Other_nodes_are_refused(string text)
        => Assert.That(() => NodeRange.Parse(text), Throws.TypeOf<SlurmException>().With.Message.EqualTo($"'{text}' is no number of nodes: 4 or 2-4 is expected"));

    [TestCase("""{"name": "x"}""", "program")]
    [TestCase("""{"name": "x", "program": "p", "node": 3}""", "x.json has 'node', which no job has (did you mean 'nodes'?)")]
    [TestCase("""{"name": "x", "program": "p", "requeue": {"at_mots": 3}}""", "x.json: requeue has 'at_mots', which no job has (did you mean 'at_most'?)")]
    [TestCase("""{"name": "x y", "program": "p"}""", "x.json: name is 'x y': it must be 1 to 100 letters")]
    [TestCase("""{"name": "x", "program": "p", "time": "1h"}""", "time is '1h': it must be minutes, as 90")]
    [TestCase("""{"name": "x", "program": "p", "ranks_per_node": 0}""", "ranks_per_node is '0': it must be at least 1")]
    [TestCase("""{"name": "x", "program": "p", "array": "a-b"}""", "array is 'a-b'")]
    [TestCase("""{"name": "x", "program": "p", "array": "0-3", "parameters": [{"a": 1}]}""", "array is '0-3': it must be left out where there are parameters")]
    [TestCase("""{"name": "x", "program": "p", "dependency": "afterokay:3"}""", "dependency is 'afterokay:3'")]
    [TestCase("""{"name": "x", "program": "p", "requeue": {"at_most": 0}}""", "requeue.at_most is '0'")]
    [TestCase("""{"name": "x", "program": "p", "environment": {"A B": 1}}""", "environment is 'A B'")]
    [TestCase("""{"name": "x", "program": "p", "modules": ["a; rm -rf /"]}""", "modules is 'a; rm -rf /'")]
    [TestCase("""{"name": "x", "program": "p", "container": "docker:x"}""", "apptainer:IMAGE, singularity:IMAGE or pyxis:IMAGE")]
    [TestCase("""{"name": "x", "program": "p", "mpi": "lam"}""", "x.json is no specification of a job")]
    [TestCase("""["x"]""", "it must be an object with a name and a program")]
    [TestCase("""{"name": """, "x.json is no specification of a job")]
    public void A_mistake_is_told_with_the_property_and_what_is_expected(string json, string sentence)
        => Assert.That(() => SpecificationFile.Parse(json, "x.json"), Throws.TypeOf<SlurmException>().With.Message.Contains(sentence).And.Message.StartsWith("x.json"));

    [TestCase("exlusive", "", "sbatch has no option --exlusive; the nearest are --exclusive, ")]
    [TestCase("mem-per-gppu", "1G", "sbatch has no option --mem-per-gppu; the nearest are --mem-per-gpu, --mem-per-cpu, ")]
    [TestCase("nodes", "4", "sbatch's --nodes is the specification's own 'nodes'")]
    [TestCase("ntasks-per-node", "4", "sbatch's --ntasks-per-node is the specification's own 'ranks_per_node'")]
    [TestCase("wait", "", "sbatch's --wait belongs to the submission")]
    [TestCase("mem", "", "sbatch's --mem needs a value")]
    [TestCase("hold", "yes", "sbatch's --hold takes no value, but 'yes' is given")]
    [TestCase("comment", "a\n#SBATCH --uid=0", "sbatch.comment")]
    public void A_wrong_option_of_sbatch_is_refused(string name, string value, string sentence)
    {
        var job = new JobSpecification { Name = "x", Program = "p", Sbatch = new Dictionary<string, string> { [name] = value } };
        Assert.That(() => BatchScript.Render(job, "o"), Throws.TypeOf<SlurmException>().With.Message.StartsWith(sentence));
    }

    [Test]
    public void What_a_specification_says_counts_more_than_the_users_environment()
    {
        var job = new JobSpecification { Name = "x", Program = "p", Partition = "gpu", Time = "30", Sbatch = new Dictionary<string, string> { ["mem-per-cpu"] = "1G" } };
        Assert.That(BatchScript.VariablesOf(job), Is.SupersetOf(new[] { "SBATCH_PARTITION", "SBATCH_TIMELIMIT", "SBATCH_MEM_PER_CPU", "SBATCH_OUTPUT", "SBATCH_WAIT" })
            .And.Not.Contains("SBATCH_ACCOUNT").And.Not.Contains("SBATCH_QOS"));
    }

    [Test]
    public void A_run_folder_that_ends_in_a_slash_is_where_each_submission_gets_its_own()
    {
        var job = new JobSpecification { Name = "x", Program = "p", RunFolder = "/data/runs/" };
        Assert.That(job.WithOwnRunFolder().RunFolder, Does.Match(@"^/data/runs/x-\d{8}-\d{6}-[0-9a-f]{4}$"));
        Assert.That((job with { RunFolder = "/data/runs/mine" }).WithOwnRunFolder().RunFolder, Is.EqualTo("/data/runs/mine"));
    }

    /// <summary>Whatever this machine's sbatch knows, a specification can say.</summary>
    [Test]
    public void Every_option_of_the_installed_sbatch_is_known()
    {
        if (!File.Exists("/usr/bin/sbatch"))
            Assert.Ignore("sbatch is not installed");
        string conf = Path.GetTempFileName();
        try
        {
            File.WriteAllText(conf, "ClusterName=x\nSlurmctldHost=x\n");
            string help = Command.Run("/usr/bin/sbatch", ["--help"], new Dictionary<string, string?> { ["SLURM_CONF"] = conf }).Output;
            string[] names = [.. System.Text.RegularExpressions.Regex.Matches(help, @"--([a-z][a-z-]+[a-z])").Select(match => match.Groups[1].Value).Distinct()];
            Assert.That(names, Has.Length.GreaterThan(80));
            Assert.That(names.Except(SbatchOptions.All.Keys), Is.Empty);
        }
        finally
        {
            File.Delete(conf);
        }
    }
}
