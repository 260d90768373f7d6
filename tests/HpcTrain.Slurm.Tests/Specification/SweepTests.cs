namespace HpcTrain.Slurm.Tests.Specification;

internal sealed class SweepTests
{
    [TestCase("""[{"seed": 1}, {"seed": 2, "model": "mlp"}]""", "seed=1;seed=2 model=mlp")]
    [TestCase("""{"lr": [0.10, 3e-2], "seed": [1, 2, 3]}""", "lr=0.10 seed=1;lr=0.10 seed=2;lr=0.10 seed=3;lr=3e-2 seed=1;lr=3e-2 seed=2;lr=3e-2 seed=3")]
    [TestCase("""{"no-eval": [true, false], "seed": [1]}""", "no-eval= seed=1;seed=1")]
    public void Lists_and_combinations_become_tasks(string json, string expected)
        => Assert.That(string.Join(';', Sweep.Parse(json, "s").Select(task => string.Join(' ', task.Select(option => $"{option.Key}={option.Value}")))), Is.EqualTo(expected));

    [TestCase("[]", "it has 0 tasks")]
    [TestCase("""{"seed": 1}""", "seed must have a list of values")]
    [TestCase("""{"seed": []}""", "it has 0 tasks")]
    [TestCase("""[1]""", "names and values in braces are expected, not 1")]
    [TestCase("""[{"a": [1]}]""", "a must be a text or a number")]
    [TestCase("3", "neither a list of tasks nor options")]
    [TestCase("[", "")]
    public void Anything_else_is_refused(string json, string sentence)
        => Assert.That(() => Sweep.Parse(json, "s.json"), Throws.TypeOf<SlurmException>().With.Message.StartsWith("s.json is no sweep: ").And.Message.Contains(sentence));
}
