using HpcTrain.Benchmarking.Reports;

namespace HpcTrain.Benchmarking.Tests.Reports;

internal sealed class ReportFilesTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hpctrain-bench-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private BenchmarkRequest Request(string? json = null, string? csv = null, string? chart = null) => new()
    {
        Collectives = [],
        Sizes = new(8, 8),
        JsonFile = json is null ? null : Path.Combine(_folder, json),
        CsvFile = csv is null ? null : Path.Combine(_folder, csv),
        ChartFile = chart is null ? null : Path.Combine(_folder, chart),
    };

    [Test]
    public void Files_that_can_be_written_are_no_problem_and_are_not_touched()
    {
        File.WriteAllText(Path.Combine(_folder, "old.json"), "old");

        Assert.That(ReportFiles.Problem(Request("old.json", "new.csv", "new.svg")), Is.Null);
        Assert.That(Directory.GetFiles(_folder).Select(Path.GetFileName), Is.EqualTo(new[] { "old.json" }));
        Assert.That(File.ReadAllText(Path.Combine(_folder, "old.json")), Is.EqualTo("old"));
        Assert.That(ReportFiles.Problem(Request()), Is.Null);
    }

    [Test]
    public void A_missing_folder_a_folder_and_a_name_given_twice_are_told()
    {
        Assert.That(ReportFiles.Problem(Request("nowhere/out.json")), Does.Contain("nowhere/out.json").And.Contain("does not exist"));
        Directory.CreateDirectory(Path.Combine(_folder, "taken"));
        Assert.That(ReportFiles.Problem(Request(csv: "taken")), Does.Contain("is a folder"));
        Assert.That(ReportFiles.Problem(Request("same", chart: "same")), Does.Contain("the same"));
    }
}
