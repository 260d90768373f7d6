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

    [Test]
    public void A_folder_that_takes_no_files_is_told_with_the_name_that_was_given() =>
        Assert.That(ReportFiles.Problem(Request(json: "/proc/x.json")), Is.EqualTo("cannot write the results at /proc/x.json: no file can be made in its folder; choose another one."));

    [Test]
    public void Files_that_can_be_written_are_written_beside_one_that_cannot()
    {
        string? problem = new ReportFiles(Request("nowhere/out.json", "out.csv", "out.svg")).Write(ReportTests.Report([]));

        Assert.That(problem, Does.Contain("nowhere/out.json").And.Contain("does not exist"));
        Assert.That(Directory.GetFiles(_folder).Select(Path.GetFileName).Order(), Is.EqualTo(new[] { "out.csv", "out.svg" }));
    }

    [Test]
    public void A_link_is_followed_to_its_file_that_is_there_or_not()
    {
        File.WriteAllText(Path.Combine(_folder, "real.json"), "old");
        File.CreateSymbolicLink(Path.Combine(_folder, "link.json"), Path.Combine(_folder, "real.json"));
        File.CreateSymbolicLink(Path.Combine(_folder, "link.csv"), Path.Combine(_folder, "real.csv"));
        BenchmarkRequest request = Request("link.json", "link.csv");

        Assert.That(ReportFiles.Problem(request), Is.Null);
        Assert.That(new ReportFiles(request).Write(ReportTests.Report([])), Is.Null);
        Assert.That(File.ReadAllText(Path.Combine(_folder, "real.json")), Does.StartWith("{"));
        Assert.That(File.ReadAllText(Path.Combine(_folder, "real.csv")), Does.StartWith("#"));
        Assert.That(Directory.GetFiles(_folder).Count(file => File.ResolveLinkTarget(file, returnFinalTarget: false) != null), Is.EqualTo(2), "links stay links");
    }
}
