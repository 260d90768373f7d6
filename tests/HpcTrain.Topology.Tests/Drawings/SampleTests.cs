namespace HpcTrain.Topology.Tests.Drawings;

internal sealed class SampleTests
{
    /// <summary>Set to 1, it makes the test write the drawings anew, to look at and commit.</summary>
    private const string WriteVariable = "HPCTRAIN_WRITE_SAMPLES";

    [TestCase("dgx1v.svg")]
    [TestCase("dgx1v-broadcast.svg")]
    [TestCase("dgx-a100-2.svg")]
    public void The_README_shows_what_the_code_draws(string name)
    {
        string path = Path.Combine(Folder(), name), drawn = Draw(name);
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
            File.WriteAllText(path, drawn);
        Assert.That(File.ReadAllText(path), Is.EqualTo(drawn),
            $"{path} is not what the code draws now. Run this test with {WriteVariable}=1, look at it, commit it.");
    }

    private static string Draw(string name)
    {
        LinkGraph volta = BuiltInTopologies.Create("dgx1v");
        return name switch
        {
            "dgx1v.svg" => volta.ToSvg(new() { Title = "DGX-1 with V100" }),
            "dgx-a100-2.svg" => BuiltInTopologies.Create("dgx-a100:boxes=2").ToSvg(new() { Title = "Two DGX A100" }),
            _ => volta.ToSvg(TopologyDrawingOptions.Of(LinkPlan.Of(volta, ArborescencePacking.Plan(volta, 0), "trees")) with { Title = "Broadcast in six trees" }),
        };
    }

    private static string Folder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "src", "HpcTrain.Topology");
            if (Directory.Exists(folder))
                return folder;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds src/HpcTrain.Topology.");
    }
}
