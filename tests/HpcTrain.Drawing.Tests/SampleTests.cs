namespace HpcTrain.Drawing.Tests;

public sealed class SampleTests
{
    /// <summary>Set to 1, it makes the test write the drawings anew, to look at and commit.</summary>
    private const string WriteVariable = "HPCTRAIN_WRITE_SAMPLES";

    private static readonly TestCaseData[] Drawings =
    [
        new TestCaseData("lines.svg", Samples.Page).SetArgDisplayNames("lines.svg"),
        new TestCaseData("bars.svg", Samples.Ratios).SetArgDisplayNames("bars.svg"),
    ];

    [TestCaseSource(nameof(Drawings))]
    public void The_README_shows_what_the_code_draws(string name, Figure figure)
    {
        string path = Path.Combine(Folder(), name), drawn = figure.ToSvg();
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
            File.WriteAllText(path, drawn);
        Assert.That(File.ReadAllText(path), Is.EqualTo(drawn),
            $"{path} is not what the code draws now. Run this test with {WriteVariable}=1, look at it, commit it.");
    }

    private static string Folder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "src", "HpcTrain.Drawing");
            if (Directory.Exists(folder))
                return folder;
        }
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds src/HpcTrain.Drawing.");
    }
}
