namespace HpcTrain.Pipelines.Tests.Drawings;

public sealed class SampleTests
{
    /// <summary>Set to 1, it makes the test write the drawings anew, to look at and commit.</summary>
    private const string WriteVariable = "HPCTRAIN_WRITE_SAMPLES";

    [TestCase("1f1b", 1)]
    [TestCase("interleaved", 2)]
    [TestCase("zero-bubble", 1)]
    public void The_README_shows_what_the_code_draws(string name, int chunks)
    {
        string path = Path.Combine(Folder(), $"{name}.svg"), drawn = PipelineGenerators.Create(name, new(4, 8, chunks)).ToSvg();
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
            File.WriteAllText(path, drawn);
        Assert.That(File.ReadAllText(path), Is.EqualTo(drawn), $"{path} is not what the code draws now. Run this test with {WriteVariable}=1, look at it, commit it.");
    }

    private static string Folder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "src", "HpcTrain.Pipelines");
            if (Directory.Exists(folder))
                return folder;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds src/HpcTrain.Pipelines.");
    }
}
