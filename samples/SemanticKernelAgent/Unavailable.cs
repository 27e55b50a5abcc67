// Stands in for Program.cs where its package is not to be had.
Console.Error.WriteLine("This sample needs the package Microsoft.SemanticKernel.Agents.Core, which no feed of this machine has.");
return 1;
