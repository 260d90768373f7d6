using System.Reflection;
using static TorchSharp.torch;

namespace TorchSharpTests.Core;

/// <summary>The drop-in names libtorch's operators in strings; a wrong one would show only when its method is called.</summary>
public sealed class OperatorNamesTests
{
    [Test]
    public void Every_operator_that_the_drop_in_names_exists()
    {
        var operatorType = typeof(Tensor).Assembly.GetType("TorchSharp.Interop.Op");
        if (operatorType is null) Assert.Ignore("Upstream names no operators.");
        var resolve = operatorType!.GetMethod("Resolve", BindingFlags.Instance | BindingFlags.NonPublic)!;
        var fields = typeof(Tensor).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.FieldType == operatorType)
            .ToList();
        Assert.That(fields, Has.Count.GreaterThan(300));
        Assert.Multiple(() =>
        {
            foreach (var field in fields)
                Assert.That(() => resolve.Invoke(field.GetValue(null), []), Throws.Nothing, field.Name);
        });
    }
}
