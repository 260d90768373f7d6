using HpcTrain.Mpi;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;
using NUnit.Framework.Internal.Commands;

namespace HpcTrain.Testing;

/// <summary>
/// Marks a method that runs on every rank of an MPI job. It takes no parameter, or one <see cref="Intracommunicator"/>: a
/// communicator of all ranks, fresh for this test. Each MPI flavour and each rank count makes one NUnit case; a case passes
/// if the method passed on every rank. All rank tests of a fixture that share flavour and count share one mpirun. The
/// fixture's SetUp and TearDown methods do not run on the ranks.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RankTestAttribute : NUnitAttribute, ITestBuilder, IImplyFixture, IWrapTestMethod
{
    /// <param name="ranks">The rank counts to run with.</param>
    public RankTestAttribute(params int[] ranks) => Ranks = ranks;

    /// <summary>The rank counts to run with.</summary>
    public IReadOnlyList<int> Ranks { get; }

    /// <summary>The MPI flavours to run under; both by default.</summary>
    public MpiFlavor[] Flavors { get; set; } = [MpiFlavor.OpenMpi, MpiFlavor.Mpich];

    /// <summary>Seconds from the first rank's start to the last rank's end of the method.</summary>
    public int TimeoutSeconds { get; set; } = 60;

    /// <inheritdoc/>
    public IEnumerable<TestMethod> BuildFrom(IMethodInfo method, Test? suite)
    {
        ArgumentNullException.ThrowIfNull(method);
        var builder = new NUnitTestCaseBuilder();
        foreach (var flavor in Flavors)
        {
            foreach (var ranks in Ranks)
            {
                // The communicator exists only on the ranks: here its place is held by a null.
                var parameters = new TestCaseParameters(new object?[method.GetParameters().Length])
                {
                    TestName = $"{method.Name}({flavor}, {ranks} {(ranks == 1 ? "rank" : "ranks")})",
                };
                parameters.Properties.Set(RankTestCommand.FlavorProperty, flavor);
                parameters.Properties.Set(RankTestCommand.RanksProperty, ranks);
                parameters.Properties.Add(PropertyNames.Category, flavor.ToString());
                yield return builder.BuildTestMethod(method, suite, parameters);
            }
        }
    }

    /// <inheritdoc/>
    public TestCommand Wrap(TestCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return new RankTestCommand(command.Test);
    }
}
