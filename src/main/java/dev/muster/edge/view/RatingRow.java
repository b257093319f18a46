package dev.muster.edge.view;
