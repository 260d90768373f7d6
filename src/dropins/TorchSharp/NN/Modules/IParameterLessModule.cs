namespace TorchSharp.Modules;

/// <summary>A module that never has parameters or buffers, so nothing has to be searched, moved or saved.</summary>
public interface IParameterLessModule
{
}
