using HpcTrain.Mpi;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;

namespace HpcTrain.Testing;

/// <summary>In place of calling the test method: looks up (and on first use produces) what the ranks reported about it.</summary>
internal sealed class RankTestCommand(Test test) : TestCommand(test)
{
    public const string FlavorProperty = "MpiFlavor";
    public const string RanksProperty = "MpiRanks";

    public override TestResult Execute(TestExecutionContext context)
    {
        var flavor = (MpiFlavor)Test.Properties.Get(FlavorProperty)!;
        var ranks = (int)Test.Properties.Get(RanksProperty)!;
        var result = context.CurrentResult;
        if (!Launchers.Has(flavor))
        {
            result.SetResult(ResultState.Ignored, $"no mpirun of {flavor.DisplayName()} on this machine");
            return result;
        }

        var verdict = RankBatch.Of(Test.Method!.TypeInfo.Type, flavor, ranks).VerdictOf(Test.Method.Name);
        result.SetResult(
            verdict.Outcome switch
            {
                RankOutcome.Passed => ResultState.Success,
                RankOutcome.Skipped => ResultState.Ignored,
                _ => ResultState.Failure,
            },
            verdict.Message ?? "");
        return result;
    }
}
