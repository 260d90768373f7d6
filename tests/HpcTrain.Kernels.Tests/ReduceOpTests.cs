namespace HpcTrain.Kernels.Tests;

/// <summary>Names of the operations, and what they are defined for.</summary>
internal sealed class ReduceOpTests
{
    [TestCaseSource(typeof(ReduceOps), nameof(ReduceOps.All))]
    public void A_name_reads_back_in_either_case(ReduceOp op)
    {
        Assert.That(ReduceOps.TryParse(op.Name(), out ReduceOp lower), Is.True);
        Assert.That(ReduceOps.TryParse(op.Name().ToUpperInvariant(), out ReduceOp upper), Is.True);
        Assert.That((lower, upper), Is.EqualTo((op, op)));
    }

    [Test]
    public void The_names_are_those_of_command_lines() => Assert.That(ReduceOps.All.Select(op => op.Name()),
        Is.EqualTo(new[] { "sum", "prod", "min", "max", "avg", "premulsum", "band", "bor", "bxor" }));

    [TestCase("xor")]
    [TestCase("")]
    [TestCase(null)]
    public void Other_names_are_refused(string? name) => Assert.That(ReduceOps.TryParse(name, out _), Is.False);

    [Test]
    public void A_value_outside_the_enumeration_is_refused() =>
        Assert.That(() => ((ReduceOp)9).Name(), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("bxor"));

    [Test]
    public void Only_the_bitwise_operations_are_undefined_and_only_for_floats()
    {
        foreach (ElementType type in ElementTypes.All)
        {
            ReduceOp[] undefined = [.. ReduceOps.All.Where(op => !op.IsDefinedFor(type))];
            Assert.That(undefined, Is.EqualTo(type.IsFloatingPoint() ? [ReduceOp.BitAnd, ReduceOp.BitOr, ReduceOp.BitXor] : Array.Empty<ReduceOp>()),
                type.Name());
        }
    }
}
