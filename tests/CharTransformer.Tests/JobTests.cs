using System.Globalization;
using System.Text.Json;
using HpcTrain.Testing;
using HpcTrain.Training.Tests.Jobs;
using Programs = HpcTrain.Training.Tests.Jobs.Program;

namespace CharTransformer.Tests;

/// <summary>The job on real ranks and a small text: that it learns, that a seed decides everything, and what goes wrong.</summary>
[NonParallelizable]
public sealed class JobTests
{
    private const string Small = "--layers 2 --width 32 --heads 2 --epochs 3 --learning-rate 0.003 --reference-batch 16 --log-every 10 --warmup-steps 0 --sample-length 80 --seed 3";
    private string _folder = "";

    private string Data => Path.Combine(_folder, "data");

    private string Text => Path.Combine(_folder, "text.txt");

    [OneTimeSetUp]
    public void MakeData()
    {
        _folder = Directory.CreateTempSubdirectory("hpctrain-char-").FullName;
        // Words in random order: a character is easy to tell from the word that it stands in, and hard without.
        string[] words = ["whale", "harpoon", "captain", "sea", "ship", "mast", "storm", "crew", "voyage", "line"];
        var random = new Random(1);
        File.WriteAllText(Text, string.Concat(Enumerable.Range(0, 6000).Select(i => words[random.Next(words.Length)] + (i % 9 == 8 ? "\n" : " "))));
        Import("--to 90", "train");
        Import($"--from 90 --vocabulary {Data}/train", "test");
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestCase(1)]
    [TestCase(2)]
    public void It_learns_and_the_seed_decides_all(int ranks)
    {
        var batch = 16 / ranks;
        var (first, second, other) = (NewRun(), NewRun(), NewRun());
        var output = Succeed($"{Small} --ranks {ranks} --batch {batch} --run-dir {first}").Output;
        Succeed($"{Small} --ranks {ranks} --batch {batch} --run-dir {second}");
        Succeed($"{Small} --ranks {ranks} --batch {batch} --run-dir {other} --seed 4 --steps 20");

        var loss = Summary(first).GetProperty("test_loss").GetDouble();
        Assert.That(loss, Is.LessThan(0.5 * UnigramEntropy()), "nats per character, of text that it has not seen");
        Assert.That(Digest(second), Is.EqualTo(Digest(first)));
        Assert.That(Digest(other), Is.Not.EqualTo(Digest(first)));
        var sample = File.ReadAllText(Path.Combine(first, "sample.txt"));
        Assert.That(File.ReadAllText(Path.Combine(second, "sample.txt")), Is.EqualTo(sample));
        Assert.That(sample, Has.Length.EqualTo(1 + 80 + 1), "prompt, text, line end");
        Assert.That(output, Does.Contain(sample.Trim()).And.Contain("sequences per second").And.Contain(string.Create(CultureInfo.InvariantCulture, $"test loss          {loss:F4}")));
    }

    [Test]
    public void Two_ranks_train_as_one_does_on_the_same_batches()
    {
        var (one, two) = (NewRun(), NewRun());
        Succeed($"{Small} --steps 10 --ranks 1 --batch 16 --run-dir {one}");
        Succeed($"{Small} --steps 10 --ranks 2 --batch 8 --run-dir {two}");
        Assert.That(Summary(two).GetProperty("test_loss").GetDouble(), Is.EqualTo(Summary(one).GetProperty("test_loss").GetDouble()).Within(1e-4));
    }

    [Test]
    public void A_run_resumes_to_the_same_bits_and_the_same_text()
    {
        var (whole, parts) = (NewRun(), NewRun());
        Succeed($"{Small} --ranks 2 --steps 20 --dropout 0.1 --run-dir {whole}");
        Succeed($"{Small} --ranks 2 --steps 12 --dropout 0.1 --run-dir {parts}");
        Succeed($"--resume {parts} --steps 20");
        Assert.That(Digest(parts), Is.EqualTo(Digest(whole)));
        Assert.That(File.ReadAllText(Path.Combine(parts, "sample.txt")), Is.EqualTo(File.ReadAllText(Path.Combine(whole, "sample.txt"))));
    }

    [Test]
    public void A_shorter_context_cuts_the_samples_and_no_sample_text_is_written_when_none_is_wanted()
    {
        var run = NewRun();
        var output = Succeed($"{Small} --ranks 2 --steps 5 --context 16 --sample-length 0 --run-dir {run}").Output;
        Assert.That(File.Exists(Path.Combine(run, "sample.txt")), Is.False);
        Assert.That(output, Does.Not.Contain("temperature"));
    }

    [TestCase("--layers 0", 2, "--layers is 0")]
    [TestCase("--width 30 --heads 4", 2, "--width is 30", "multiple of --heads, which is 4")]
    [TestCase("--context 20", 2, "--context is 20", "have 32 characters", "divisor")]
    [TestCase("--context 64", 2, "--context is 64", "have 32 characters")]
    [TestCase("--dropout 1", 2, "--dropout is 1")]
    [TestCase("--temperature -1", 2, "--temperature is -1")]
    [TestCase("--sample-length -1", 2, "--sample-length is -1")]
    [TestCase("--prompt Ω", 2, "the character 'Ω'", "does not use")]
    [TestCase("--layer 2", 2, "did you mean --layers?")]
    public void A_wrong_option_is_one_sentence(string options, int exitCode, params string[] parts)
        => AssertSentence(Run($"--ranks 2 {options}"), exitCode, parts);

    [Test]
    public void Data_that_is_no_text_or_of_two_vocabularies_is_a_sentence()
    {
        var mixed = Path.Combine(_folder, "mixed");
        Directory.CreateDirectory(mixed);
        Directory.CreateSymbolicLink(Path.Combine(mixed, "train"), Path.Combine(Data, "train"));
        File.WriteAllText(Path.Combine(_folder, "short.txt"), new string('a', 100));
        Import("", "../mixed/test", "short.txt");
        AssertSentence(Run($"--ranks 2 --data {mixed}"), 3, "another vocabulary", "--vocabulary");

        var table = Path.Combine(_folder, "table.csv");
        File.WriteAllText(table, "a,b\n1,2\n");
        foreach (var part in new[] { "train", "test" })
        {
            Assert.That(Programs.Run(HpcTrain, ["data", "import", "csv", "--in", table, "--out", Path.Combine(_folder, "numbers", part)]).ExitCode, Is.Zero);
        }

        AssertSentence(Run($"--ranks 2 --data {_folder}/numbers"), 3, "is no text", "hpctrain data import text");
    }

    [Test]
    public void Help_tells_the_jobs_own_defaults()
    {
        var help = Run("--help");
        Assert.That(help.ExitCode, Is.Zero, help.Everything);
        Assert.That(help.Output, Does.Contain("(Default: AdamW) sgd, nesterov").And.Contain("(Default: cosine)").And.Contain("--temperature"));
    }

    private static string HpcTrain => BuiltProgram.Find("HpcTrain.Cli", "hpctrain");

    private void Import(string options, string part, string text = "text.txt")
    {
        var import = Programs.Run(
            HpcTrain, ["data", "import", "text", "--in", Path.Combine(_folder, text), "--context", "32", "--out", Path.Combine(Data, part), .. Words(options)]);
        Assert.That(import.ExitCode, Is.Zero, import.Everything);
    }

    /// <summary>Nats per character that remain to whoever knows how often each one occurs, and nothing else.</summary>
    private double UnigramEntropy()
    {
        var text = File.ReadAllText(Text);
        return -text.GroupBy(character => character).Select(group => (double)group.Count() / text.Length).Sum(share => share * Math.Log(share));
    }

    private string NewRun() => Path.Combine(_folder, "run-" + Path.GetRandomFileName());

    private ProgramResult Run(string arguments) => Programs.Run(
        BuiltProgram.Find("CharTransformer", "CharTransformer"),
        Words(arguments).Concat(arguments.Contains("--data", StringComparison.Ordinal) || arguments.Contains("--resume", StringComparison.Ordinal) ? [] : ["--data", Data]),
        _folder);

    private ProgramResult Succeed(string arguments)
    {
        var result = Run(arguments);
        Assert.That(result.ExitCode, Is.Zero, $"{arguments}\n{result.Everything}");
        return result;
    }

    private static void AssertSentence(ProgramResult result, int exitCode, params string[] parts)
    {
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.Everything);
        foreach (var part in parts)
        {
            Assert.That(result.Errors, Does.Contain(part), result.Everything);
        }

        Assert.That(result.Everything, Does.Not.Contain("   at ").And.Not.Contain("Unhandled exception"), "no stack trace for a user's mistake");
    }

    private static JsonElement Summary(string run) => JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "summary.json"))).RootElement;

    private static string? Digest(string run) => Summary(run).GetProperty("parameters_digest").GetString();

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
