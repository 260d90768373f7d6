namespace TorchSharp.Utils;

/// <summary>Gives a field of a module another name in the module's state.</summary>
[AttributeUsage(AttributeTargets.Field)]
public class ComponentNameAttribute : Attribute
{
    public string Name { get; set; } = "";
}
