using System.Reflection;
using HpcTrain.Cli.CommandLine;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;
using HpcTrain.Runs;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Tests;

internal sealed class ErrorReportTests
{
    private static readonly TestCaseData[] Mistakes =
    [
        new(new UsageException("no such option"), ExitCodes.Usage),
        new(new MpiException("no mpirun on this machine", "LocalLauncher.Find"), ExitCodes.Environment),
        new(new DllNotFoundException("no libhdf5"), ExitCodes.Environment),
        new(new ScheduleException("a schedule that is wrong"), ExitCodes.BadData),
        new(new TopologyException("a topology that is wrong"), ExitCodes.BadData),
        new(new TopologyException("a topology that may not be read", new UnauthorizedAccessException()), ExitCodes.InputOutput),
        new(new TopologyException("a topology that is not there", new FileNotFoundException()), ExitCodes.BadData),
        new(new ScheduleException("rank 2 does not answer") { IsStall = true }, ExitCodes.Stalled),
        new(new RunException("cannot write the drawing"), ExitCodes.InputOutput),
        new(new IOException("the disk is full"), ExitCodes.InputOutput),
        new(new UnauthorizedAccessException("the folder is read-only"), ExitCodes.InputOutput),
    ];

    [TestCaseSource(nameof(Mistakes))]
    public void What_a_user_can_mend_is_one_line_however_it_is_wrapped(Exception cause, int code)
    {
        Exception[] wraps =
        [
            cause, new TypeInitializationException("X", cause), new TargetInvocationException(cause),
            new AggregateException(new TypeInitializationException("X", cause)),
        ];
        foreach (var exception in wraps)
        {
            var output = new StringWriter();

            Assert.That(ErrorReport.Print(exception, output), Is.EqualTo(code));
            Assert.That(output.ToString(), Is.EqualTo($"hpctrain: {cause.Message}\n"));
        }
    }

    [Test]
    public void A_bug_shows_its_trace_and_asks_to_be_reported()
    {
        var output = new StringWriter();

        Assert.That(ErrorReport.Print(new InvalidOperationException("impossible"), output), Is.EqualTo(ExitCodes.InternalError));
        Assert.That(output.ToString(), Does.Contain("report").And.Contain(nameof(InvalidOperationException)).And.Contain("impossible"));
    }
}
