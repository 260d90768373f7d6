namespace HpcTrain.Mpi.Tests;

public class VariableTests
{
    [TestCase(null, 30)]
    [TestCase("", 30)]
    [TestCase("0", 0)]
    [TestCase("2.5", 2.5)]
    [TestCase("86400", 86400)]
    public void The_finalize_timeout_is_seconds(string? text, double seconds) =>
        Assert.That(MpiVariables.ReadFinalizeTimeout(With(MpiVariables.FinalizeTimeout, text)), Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase("-1")]
    [TestCase("NaN")]
    [TestCase("1e9")]
    [TestCase("30s")]
    public void A_timeout_that_is_none_is_refused(string text) =>
        Assert.That(() => MpiVariables.ReadFinalizeTimeout(With(MpiVariables.FinalizeTimeout, text)),
            Throws.TypeOf<MpiException>().With.Message.StartsWith($"HPCTRAIN_FINALIZE_TIMEOUT={text} is not a number of seconds from 0 to 86400"));

    [TestCase(null, CrowdPolicy.Auto)]
    [TestCase("auto", CrowdPolicy.Auto)]
    [TestCase("Always", CrowdPolicy.Always)]
    [TestCase("never", CrowdPolicy.Never)]
    public void The_yield_policy_is_one_of_three(string? text, object policy) =>
        Assert.That(MpiVariables.ReadYield(With(MpiVariables.Yield, text)), Is.EqualTo(policy));

    [Test]
    public void Every_variable_is_listed_once() =>
        Assert.That(MpiVariables.All, Is.EquivalentTo(typeof(MpiVariables).GetFields().Where(field => field.IsLiteral).Select(field => field.GetRawConstantValue())));

    [Test]
    public void Calls_before_the_beginning_are_refused_in_a_sentence()
    {
        Assert.That(() => _ = MpiEnvironment.Wtime, Throws.TypeOf<MpiException>().With.Message.EqualTo(
            "MPI_Wtime was called but MPI is not initialised: call MpiEnvironment.Initialize first."));
        Assert.That(() => new RequestList(1), Throws.TypeOf<MpiException>());
        Assert.That(MpiEnvironment.Current, Is.Null);
    }

    private static Dictionary<string, string> With(string name, string? value) => value is null ? [] : new() { [name] = value };
}
